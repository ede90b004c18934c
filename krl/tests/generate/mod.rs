//! Random rulesets that can be read, in a layout that is as wild as it gets.

/// Writes a random ruleset.
pub(crate) struct Generator {
    state: u64,
    out: String,
    comments: usize,
}

const NAMES: &[&str] = &["a", "b2", "ent", "event", "$x", "_y", "value", "meta", "pre", "every"];
/// Names that would go on with the statement before.
const HARD_NAMES: &[&str] =
    &["if", "on", "for", "at", "repeat", "attributes", "like", "where", "else", "x"];
const BINARY: &[&str] = &[
    "||", "&&", "==", "!=", "<", "<=", ">", ">=", "like", "><", "<=>", "cmp", "+", "-", "*", "/",
    "%",
];
const TEXTS: &[&str] = &[
    "\"\"",
    "\"a b\"",
    "\"\\\"q\\\\\"",
    "\"two\nlines\"",
    "<<c>>",
    "<<a\n  #{ b + <<c#{1}>> }\n>>",
    "re#a\\#b#gi",
    "12",
    ".5",
    "1.25",
    "true",
    "false",
    "null",
    "\"// none\"",
];

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed, out: String::new(), comments: 0 }
    }

    pub(crate) fn ruleset(mut self) -> String {
        self.word("ruleset");
        self.word("io.some-name.x");
        self.word("{");
        if self.chance(2) {
            self.word("meta {");
            for _ in 0..self.below(4) {
                self.meta();
            }
            self.word("}");
        }
        if self.chance(3) {
            self.word("global {");
            for _ in 0..self.below(6) {
                self.declaration(4);
                self.semicolon();
            }
            self.word("}");
        }
        for _ in 0..self.below(3) {
            self.rule();
        }
        self.word("}");
        self.gap();
        self.out
    }

    fn below(&mut self, bound: usize) -> usize {
        // Numbers of Knuth's MMIX.
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % bound
    }

    /// In most cases: all but one of so many.
    fn chance(&mut self, of: usize) -> bool {
        self.below(of) > 0
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len())]
    }

    fn gap(&mut self) {
        let comment = self.comments;
        let gap = match self.below(24) {
            0 => format!(" // c{comment} \n"),
            1 => format!("\n  // c{comment}\n\n"),
            2 => format!(" /* c{comment} */ "),
            3 => format!("\n/* c{comment}\n   more */\n"),
            4 => format!(" /* c{comment} */\n"),
            5 => "\n\n\n".into(),
            6 | 7 => "\n\t".into(),
            8 => "\r\n".into(),
            _ => " ".into(),
        };
        self.comments += usize::from(gap.contains(&format!("c{comment}")));
        self.out.push_str(&gap);
    }

    fn word(&mut self, word: &str) {
        self.gap();
        self.out.push_str(word);
    }

    fn name(&mut self) {
        let name = self.pick(NAMES);
        self.word(name);
    }

    fn names(&mut self) {
        self.name();
        for _ in 0..self.below(3) {
            self.word(",");
            self.name();
        }
    }

    fn setting(&mut self) {
        self.word("setting");
        self.word("(");
        self.names();
        self.word(")");
    }

    fn semicolon(&mut self) {
        if !self.chance(3) {
            self.word(";");
        }
    }

    fn meta(&mut self) {
        match self.below(6) {
            0 => self.word("name \"n\""),
            1 => self.word("logging on"),
            2 => {
                self.word("use module a.b-c");
                if self.chance(2) {
                    self.word("alias d");
                }
                if self.chance(2) {
                    self.word("with");
                    self.declaration(2);
                    for _ in 0..self.below(3) {
                        self.word("and");
                        self.declaration(2);
                    }
                }
            }
            3 => {
                self.word("configure using");
                for _ in 0..self.below(3) {
                    self.declaration(2);
                    self.semicolon();
                }
            }
            4 => {
                self.word("provides");
                self.names();
            }
            _ => {
                self.word("shares");
                self.names();
            }
        }
    }

    fn declaration(&mut self, depth: usize) {
        self.name();
        self.word("=");
        self.expression(depth);
    }

    /// Items between brackets, with a comma at the end at times.
    fn list(&mut self, open: &str, close: &str, item: impl Fn(&mut Self)) {
        self.word(open);
        let count = self.below(4);
        for index in 0..count {
            item(self);
            if index + 1 < count || !self.chance(4) {
                self.word(",");
            }
        }
        self.word(close);
    }

    fn expression(&mut self, depth: usize) {
        self.operand(depth);
        if depth == 0 {
            return;
        }
        match self.below(6) {
            0 | 1 => {
                let operator = self.pick(BINARY);
                self.word(operator);
                self.expression(depth - 1);
            }
            2 => {
                self.word("=>");
                self.operand(depth - 1);
                self.word("|");
                self.expression(depth - 1);
            }
            _ => {}
        }
    }

    /// Behind an event any word and a pattern are an attribute, `where re#…#` too.
    fn enclosed(&mut self, depth: usize) {
        self.word("(");
        self.expression(depth);
        self.word(")");
    }

    fn operand(&mut self, depth: usize) {
        if !self.chance(6) {
            let operator = self.pick(&["-", "+", "not"]);
            self.word(operator);
        }
        let sub = depth.saturating_sub(1);
        match (depth, self.below(8)) {
            (0, 0..4) | (_, 0) => self.name(),
            (0, _) | (_, 1) => {
                let text = self.pick(TEXTS);
                self.word(text);
            }
            (_, 2) => self.list("[", "]", |this| this.expression(sub)),
            (_, 3) => self.list("{", "}", |this| {
                this.word("\"key\"");
                this.word(":");
                this.expression(sub);
            }),
            (_, 4) => {
                self.word("(");
                self.expression(sub);
                self.word(")");
            }
            (_, 5) => {
                self.word("ent");
                self.word(":");
                self.name();
            }
            _ => self.function(sub),
        }
        for _ in 0..self.below(3).min(depth) {
            self.suffix(sub);
        }
    }

    fn suffix(&mut self, depth: usize) {
        match self.below(5) {
            0 => {
                self.word("[");
                self.expression(depth);
                self.word("]");
            }
            1 => {
                self.word("{");
                self.expression(depth);
                self.word("}");
            }
            2 => self.arguments(depth),
            3 => {
                self.word(".");
                self.name();
                if self.chance(4) {
                    self.arguments(depth);
                }
            }
            _ => {
                self.word(".");
                self.name();
                self.word(":");
                self.name();
                self.arguments(depth);
            }
        }
    }

    fn arguments(&mut self, depth: usize) {
        self.list("(", ")", |this| {
            if !this.chance(4) {
                this.name();
                this.word("=");
            }
            this.expression(depth);
        });
    }

    fn function(&mut self, depth: usize) {
        let is_action = !self.chance(3);
        self.word(if is_action { "defaction" } else { "function" });
        self.list("(", ")", |this| {
            this.name();
            if !this.chance(3) {
                this.word("=");
                this.expression(0);
            }
        });
        self.word("{");
        for _ in 0..self.below(3) {
            self.declaration(depth);
            // Else the result could go on with it.
            self.word(";");
        }
        if is_action {
            self.action_block(depth);
            if self.chance(2) {
                self.word("return");
                self.expression(depth);
                self.semicolon();
            }
        } else {
            if self.chance(2) {
                self.word("return");
            }
            self.expression(depth);
            self.semicolon();
        }
        self.word("}");
    }

    fn rule(&mut self) {
        self.word("rule");
        self.name();
        if !self.chance(5) {
            self.word("is inactive");
        }
        self.word("{");
        if self.chance(6) {
            self.word("select");
            if self.chance(8) {
                self.word("when");
                self.events(3);
                if !self.chance(3) {
                    self.word("within");
                    self.enclosed(1);
                    self.word("minutes");
                }
            } else {
                self.word("where");
                self.expression(2);
            }
        }
        for _ in 0..self.below(3) {
            self.word("foreach");
            self.enclosed(2);
            self.setting();
        }
        if self.chance(2) {
            self.word("pre");
            self.word("{");
            for _ in 0..self.below(3) {
                self.declaration(2);
                self.semicolon();
            }
            self.word("}");
        }
        if self.chance(4) {
            self.action_block(2);
        }
        self.postlude();
        self.word("}");
    }

    fn events(&mut self, depth: usize) {
        match (depth, self.below(9)) {
            (0, _) | (_, 0 | 1) => self.event(),
            (_, 2) => {
                self.word("(");
                self.events(depth - 1);
                self.word(")");
            }
            (_, 3) => {
                let operator = self.pick(&["and", "or", "any 2", "before", "then", "after"]);
                self.word(operator);
                self.word("(");
                self.events(depth - 1);
                self.word(",");
                self.events(depth - 1);
                self.word(")");
            }
            (_, 4) => {
                self.events(depth - 1);
                let operator = self.pick(&["between", "not between"]);
                self.word(operator);
                self.word("(");
                self.events(depth - 1);
                self.word(",");
                self.events(depth - 1);
                self.word(")");
            }
            (_, 5) => {
                let operator = self.pick(&["count 3", "repeat 2"]);
                self.word(operator);
                self.word("(");
                self.event();
                self.word(")");
                if self.chance(2) {
                    self.word("max");
                    self.word("(");
                    self.names();
                    self.word(")");
                }
            }
            _ => {
                self.events(depth - 1);
                let operator = self.pick(&["and", "or", "before", "then", "after"]);
                self.word(operator);
                self.events(depth - 1);
            }
        }
    }

    fn event(&mut self) {
        self.word("dom");
        if self.chance(2) {
            self.word(":");
        }
        self.word("typ");
        for _ in 0..self.below(3) {
            self.word("attr");
            self.word("re#^(.*)$#");
        }
        if !self.chance(3) {
            self.setting();
        }
        if !self.chance(4) {
            self.word("where");
            self.enclosed(1);
        }
    }

    fn action_block(&mut self, depth: usize) {
        if !self.chance(3) {
            self.word("if");
            self.enclosed(depth);
            self.word("then");
        }
        let kind = self.below(4);
        match kind {
            0 => self.word("every"),
            1 => self.word("sample"),
            2 => {
                self.word("choose (");
                self.expression(depth);
                self.word(")");
            }
            _ => return self.action(depth, false),
        }
        self.word("{");
        for _ in 0..=self.below(3) {
            self.action(depth, kind == 2);
        }
        self.word("}");
    }

    fn action(&mut self, depth: usize, is_labelled: bool) {
        if is_labelled {
            self.word("lbl =>");
        }
        let name = self.pick(&["noop", "send_directive", "a"]);
        self.word(name);
        if !self.chance(3) {
            self.word(":");
            self.name();
        }
        self.arguments(depth);
        if !self.chance(3) {
            self.setting();
        }
        self.semicolon();
    }

    fn postlude(&mut self) {
        match self.below(4) {
            0 => return,
            1 => {
                self.word("always");
                return self.statements();
            }
            2 => self.word("fired"),
            _ => self.word("notfired"),
        }
        self.statements();
        if self.chance(2) {
            self.word("else");
            self.statements();
        }
        if self.chance(2) {
            self.word("finally");
            self.statements();
        }
    }

    fn statements(&mut self) {
        self.word("{");
        for _ in 0..self.below(5) {
            self.statement();
        }
        self.word("}");
    }

    fn statement(&mut self) {
        match self.below(9) {
            0 => {
                // What stands before it ended with `;`.
                let name = self.pick(HARD_NAMES);
                self.word(name);
                self.word("=");
                self.expression(2);
            }
            1 => self.word("last"),
            2 => self.word("clear ent:x"),
            3 => {
                self.word("log");
                self.word("warn");
                self.expression(2);
            }
            4 => {
                self.word("error info");
                self.expression(2);
            }
            5 => {
                self.word("raise dom event");
                self.expression(1);
                self.attributes();
            }
            6 => {
                self.word("schedule dom event");
                self.expression(1);
                let when = self.pick(&["at", "repeat"]);
                self.word(when);
                self.expression(1);
                self.attributes();
                if !self.chance(2) {
                    self.word("setting");
                    self.word("(");
                    self.name();
                    self.word(")");
                }
            }
            _ => {
                self.word("ent");
                self.word(":");
                self.name();
                if self.chance(2) {
                    self.word("{");
                    self.expression(1);
                    self.word("}");
                }
                self.word(":=");
                self.expression(3);
            }
        }
        match self.below(5) {
            0 => {
                self.word("if");
                self.expression(1);
            }
            1 => self.word("on final"),
            _ => {}
        }
        self.word(";");
    }

    fn attributes(&mut self) {
        if self.chance(2) {
            self.word("attributes");
            self.expression(2);
        }
    }
}
