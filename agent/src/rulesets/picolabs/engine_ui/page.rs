//! How a pico looks on the developer's pages.

use super::super::attributes::{Attrs, given, number};
use super::super::child::ROOT_NAME;
use picomesh_pico::operations::{find_channel, krl_text};
use picomesh_pico::{Context, Eci, Fault, SCAN_ROWS_MAX};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The entity variable that holds it.
pub(in super::super) const PAGE: &str = "page";
/// What the entity variables begin with that hold the pages of children, by their addresses.
const CHILD: &str = "child/";
/// Where a box stands, and how large it is, until somebody moves it.
pub(super) const PLACE: i64 = 100;
/// The colour of a box that has none.
pub(super) const COLOUR: &str = "#87cefa";

/// How a pico looks; whatever is absent looks as the page decides.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in super::super) struct Page {
    /// The channel of its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) eci: Option<Eci>,
    /// The channel of its parent's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) parent_ui_eci: Option<Value>,
    /// Its name there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// Its colour, `#rrggbb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) background_color: Option<String>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) x: Option<Value>,
    /// Where it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) y: Option<Value>,
    /// How large it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) width: Option<Value>,
    /// How large it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) height: Option<Value>,
}

impl Page {
    /// The page of a fresh child.
    pub(in super::super) fn of_child(eci: &Eci, name: &str, colour: &Value, parent: Value) -> Self {
        Self {
            eci: Some(eci.clone()),
            parent_ui_eci: Some(parent).filter(|eci| !eci.is_null()),
            name: Some(name.to_owned()).filter(|name| !name.is_empty()),
            background_color: Some(krl_text(colour)).filter(|colour| is_colour(colour)),
            ..Self::default()
        }
    }

    /// The page of a fresh root.
    pub(in super::super) fn of_root(eci: &Eci) -> Self {
        Self { eci: Some(eci.clone()), ..Self::default() }
    }

    /// Its name, as people see it.
    pub(super) fn shown_name(&self) -> Value {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(ROOT_NAME).into()
    }

    /// Takes over what an event says of it.
    pub(super) fn change(&mut self, attrs: &Attrs) {
        let places = [
            ("x", &mut self.x),
            ("y", &mut self.y),
            ("width", &mut self.width),
            ("height", &mut self.height),
        ];
        for (name, place) in places {
            if let Some(value) = given(attrs, name) {
                *place = Some(number(value)).filter(|number| !number.is_null());
            }
        }
        if let Some(name) = given(attrs, "name") {
            self.name = Some(krl_text(name));
        }
        if let Some(colour) = given(attrs, "backgroundColor").map(krl_text)
            && is_colour(&colour)
        {
            self.background_color = Some(colour);
        }
        if let Some(eci) = given(attrs, "parentUiEci") {
            self.parent_ui_eci = Some(eci.clone());
        }
    }

    /// Keeps it.
    pub(super) fn put(&self, context: &mut Context) -> Result<(), Fault> {
        context.put(PAGE, self)
    }
}

fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#');
    digits.is_some_and(|d| d.len() == 6 && d.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// How the pico looks.
pub(super) fn page(context: &Context) -> Result<Page, Fault> {
    Ok(context.entity(PAGE)?.unwrap_or_default())
}

/// The channel of the pico's page.
pub(super) fn own_eci(context: &Context) -> Result<Option<Eci>, Fault> {
    if let Some(eci) = page(context)?.eci
        && context.channel(&eci)?.is_some()
    {
        return Ok(Some(eci));
    }
    Ok(find_channel(context, &["engine", "ui"])?.map(|channel| channel.eci))
}

/// The pages of children, by the addresses of the children, the oldest first.
pub(super) fn children_pages(context: &Context) -> Result<Vec<(String, Value)>, Fault> {
    let (mut all, mut after) = (vec![], String::new());
    loop {
        let rows: Vec<(String, Value)> = context.scan(CHILD, &after, SCAN_ROWS_MAX)?;
        let is_last = rows.len() < SCAN_ROWS_MAX as usize;
        if let Some((name, _)) = rows.last() {
            after.clone_from(name);
        }
        let plain = |(name, page): (String, Value)| (name[CHILD.len()..].to_owned(), page);
        all.extend(rows.into_iter().map(plain));
        if is_last {
            return Ok(all);
        }
    }
}

/// Keeps where the page of a child is.
pub(super) fn remember_child(context: &mut Context, eci: &str, page: &Value) -> Result<(), Fault> {
    context.put(&format!("{CHILD}{eci}"), page)
}

/// The child is no more.
pub(super) fn forget_child(context: &mut Context, eci: &str) -> Result<(), Fault> {
    context.delete(&format!("{CHILD}{eci}"))
}
