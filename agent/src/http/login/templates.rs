//! The pages, embedded: templates, one style, two scripts.

use super::answer;
use minijinja::{AutoEscape, Environment, Value};
use warp::http::StatusCode;
use warp::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use warp::reply::Response;

/// A file that pages load.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asset {
    path: &'static str,
    media_type: &'static str,
    content: &'static str,
}

const ASSETS: [Asset; 3] = [
    Asset {
        path: "/login/assets/login.css",
        media_type: "text/css; charset=utf-8",
        content: include_str!("pages/login.css"),
    },
    Asset {
        path: "/login/assets/login.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("pages/login.js"),
    },
    Asset {
        path: "/login/assets/form.js",
        media_type: "text/javascript; charset=utf-8",
        content: include_str!("pages/form.js"),
    },
];

const PAGES: [(&str, &str); 6] = [
    ("base.html", include_str!("pages/base.html")),
    ("login.html", include_str!("pages/login.html")),
    ("wallet.html", include_str!("pages/wallet.html")),
    ("form.html", include_str!("pages/form.html")),
    ("message.html", include_str!("pages/message.html")),
    ("goodbye.html", include_str!("pages/goodbye.html")),
];

/// The file of this path.
pub(super) fn asset(path: &str) -> Option<&'static Asset> {
    static KNOWN: [Asset; 3] = ASSETS;
    KNOWN.iter().find(|asset| asset.path == path)
}

impl Asset {
    pub(super) fn answer(&self) -> Response {
        let mut response = Response::new(self.content.into());
        answer::set(&mut response, CONTENT_TYPE, self.media_type);
        answer::set(&mut response, CACHE_CONTROL, "public, max-age=300");
        answer::set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
        response
    }
}

/// The templates, parsed.
pub(super) struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// `issuer` may have a path below which a proxy serves us.
    pub(super) fn new(issuer: &str) -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        let base = url::Url::parse(issuer).map(|url| url.path().trim_end_matches('/').to_owned());
        environment.add_global("base", base.unwrap_or_default());
        for (name, source) in PAGES {
            if let Err(error) = environment.add_template(name, source) {
                tracing::error!(%error, name, "a template does not parse");
            }
        }
        Self { environment }
    }

    /// A page; a template that fails is a fault of ours.
    pub(super) fn page(&self, status: StatusCode, name: &str, values: Value) -> Response {
        let template = self.environment.get_template(name);
        match template.and_then(|template| template.render(values)) {
            Ok(page) => answer::html(status, page),
            Err(error) => {
                tracing::error!(%error, name, "a page could not be made");
                let words = "Something went wrong on our side.";
                answer::html(StatusCode::INTERNAL_SERVER_ERROR, words.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use minijinja::context;

    #[test]
    fn all_templates_parse() {
        let templates = Templates::new("https://op.example/deep");
        for (name, _) in PAGES {
            assert!(templates.environment.get_template(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_name_cannot_write_html() {
        let templates = Templates::new("https://op.example/deep");
        let values = context! { title => "<script>", text => "a & \"b\"" };
        let page = templates.environment.get_template("message.html").unwrap();
        let page = page.render(values).unwrap();
        assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"), "{page}");
        assert!(page.contains("href=\"&#x2f;deep/login/assets/login.css\""), "{page}");
    }

    /// The policy of our pages forbids what stands in them as a script or a style.
    #[test]
    fn no_page_has_a_script_or_style_inside() {
        for (name, source) in PAGES {
            for forbidden in ["<style", "style=", " onclick", " onload", "javascript:"] {
                assert!(!source.contains(forbidden), "{name}: {forbidden}");
            }
            let scripts = source.matches("<script").count();
            assert_eq!(scripts, source.matches("<script src=").count(), "{name}");
        }
    }
}
