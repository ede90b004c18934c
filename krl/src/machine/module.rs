//! Modules that are not written in KRL: which members they have and how those may be used.

use super::callable::Member;
use crate::value::Text;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// How a member of a module may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// Read.
    Property,
    /// Called in expressions.
    Function,
    /// Called in action blocks.
    Action,
    /// Called in either.
    ActionFunction,
}

impl MemberKind {
    pub(crate) fn is_function(self) -> bool {
        matches!(self, Self::Function | Self::ActionFunction)
    }

    pub(crate) fn is_action(self) -> bool {
        matches!(self, Self::Action | Self::ActionFunction)
    }
}

/// A module that is not written in KRL.
#[derive(Debug)]
pub struct NativeModule {
    domain: Text,
    members: HashMap<Text, Arc<Member>>,
}

impl NativeModule {
    /// A module with these members. The domain is the name that requests carry.
    pub fn new(
        domain: impl Into<Text>,
        members: impl IntoIterator<Item = (impl Into<Text>, MemberKind)>,
    ) -> Self {
        let domain = domain.into();
        let members = members.into_iter().map(|(name, kind)| {
            let name = name.into();
            let member = Member { domain: domain.clone(), name: name.clone(), kind };
            (name, Arc::new(member))
        });
        let members = members.collect();
        Self { domain, members }
    }

    /// The name that requests carry.
    pub fn domain(&self) -> &Text {
        &self.domain
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Arc<Member>> {
        self.members.get(name)
    }
}

/// The modules that every ruleset knows without `use`.
#[derive(Clone, Debug, Default)]
pub struct Modules(HashMap<Text, Arc<NativeModule>>);

impl Modules {
    /// Those of the reference.
    pub fn standard() -> Arc<Self> {
        static STANDARD: LazyLock<Arc<Modules>> = LazyLock::new(|| {
            let modules = STANDARD_MEMBERS.iter().map(|(domain, members)| {
                let members = members
                    .iter()
                    .flat_map(|(kind, names)| names.split_whitespace().map(|name| (name, *kind)));
                NativeModule::new(*domain, members)
            });
            Arc::new(modules.fold(Modules::default(), Modules::with))
        });
        STANDARD.clone()
    }

    /// The same modules and one more.
    #[must_use]
    pub fn with(mut self, module: NativeModule) -> Self {
        self.0.insert(module.domain.clone(), Arc::new(module));
        self
    }

    pub(crate) fn get(&self, domain: &str) -> Option<&Arc<NativeModule>> {
        self.0.get(domain)
    }
}

type Members = &'static [(MemberKind, &'static str)];

/// Source: pico-engine-core 1.4, `modules/`. `meta:callingRID` is ours: programs of the reference
/// read it and find nothing.
const STANDARD_MEMBERS: &[(&str, Members)] = &[
    (
        "ctx",
        &[
            (
                MemberKind::Property,
                "picoId rid rid_url rid_config rid_version rid_name rid_description rid_author \
                 parent children channels rulesets",
            ),
            (MemberKind::Function, "query logs"),
            (
                MemberKind::Action,
                "newPico delPico newChannel putChannel upsertChannel delChannel install uninstall \
                 flush event eventQuery",
            ),
        ],
    ),
    (
        "event",
        &[
            (MemberKind::Property, "eci domain name attrs eid time"),
            (MemberKind::Function, "attr"),
            (MemberKind::Action, "send"),
        ],
    ),
    (
        "meta",
        &[(
            MemberKind::Property,
            "eci host inEvent inQuery picoId rid ruleName rid_url rulesetURI txnId rulesetConfig \
             callingRID",
        )],
    ),
    (
        "http",
        &[(MemberKind::ActionFunction, "get head"), (MemberKind::Action, "post put patch delete")],
    ),
    (
        "math",
        &[
            (MemberKind::Property, "hashAlgorithms"),
            (
                MemberKind::Function,
                "base64encode base64decode hash hashFunctions hmac abs ceiling floor int round",
            ),
        ],
    ),
    ("random", &[(MemberKind::Function, "uuid word integer number")]),
    ("schedule", &[(MemberKind::Function, "list get"), (MemberKind::Action, "remove clear")]),
    ("time", &[(MemberKind::Function, "now new add strftime")]),
    (
        "ursa",
        &[(
            MemberKind::Function,
            "generateDID sig_data crypto_sign verify_signed_field unpack pack",
        )],
    ),
    (
        "dido",
        &[(
            MemberKind::Function,
            "generateDID deleteDID updateDID rotateDID rotateInviteDID clearPendingRotations \
             mapDid clearDidMap clearDidDocs storeDidDoc unpack pack addRoute route send \
             prepareQuery sendQuery generateMessage createInviteUrl addLabelsToChannel",
        )],
    ),
];
