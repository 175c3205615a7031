//! Renders WIT files as pages: documentation as prose, declarations as code, nothing left out.
//!
//! It relies on the layout of this contract's files instead of a parser: documentation above each declaration, one
//! declaration a line or block, four spaces a level.

use super::Files;

const GENERATED: &str = "<!-- Written by `cargo xtask docs` from the contract's files. Change those. -->\n\n";
/// The file whose package declaration opens the contract.
const PACKAGE: &str = "package.wit";

/// One page a file, and an index from the one that documents the package.
pub(super) fn pages(contract: &Files) -> Files {
    let mut pages = Files::new();
    let mut list = String::new();
    for (file, text) in contract.iter().filter(|(file, _)| *file != PACKAGE) {
        let name = file.trim_end_matches(".wit");
        let items = items(text, 0);
        let mut page = String::from(GENERATED);
        let summary = match items.as_slice() {
            [only] => {
                only.render(1, &mut page);
                sentence(&only.docs)
            }
            several => {
                page += &format!("# {name}\n\n");
                several.iter().for_each(|item| item.render(2, &mut page));
                several.iter().map(Item::heading).collect::<Vec<_>>().join(", ")
            }
        };
        list += &format!("| [{name}]({name}.md) | {summary} |\n");
        pages.insert(format!("{name}.md"), ended(page));
    }
    let mut index = String::from(GENERATED);
    if let Some(package) = contract.get(PACKAGE) {
        items(package, 0).iter().for_each(|item| item.render(1, &mut index));
    }
    index += &format!("## Pages\n\n| File | What it is for |\n|---|---|\n{list}");
    pages.insert("index.md".into(), index);
    pages
}

/// With one line break at the end, however the last part ended.
fn ended(page: String) -> String {
    format!("{}\n", page.trim_end())
}

/// A declaration with the documentation above it.
#[derive(Debug, Default, PartialEq)]
struct Item<'a> {
    docs: Vec<&'a str>,
    code: Vec<&'a str>,
}

/// The declarations at one level of indentation.
fn items(text: &str, level: usize) -> Vec<Item<'_>> {
    let indent = " ".repeat(level * 4);
    let mut items = Vec::new();
    let mut current = Item::default();
    for line in text.lines() {
        let line = line.strip_prefix(&indent).unwrap_or(line).trim_end();
        if current.code.is_empty() {
            if let Some(docs) = line.strip_prefix("///") {
                current.docs.push(docs.strip_prefix(' ').unwrap_or(docs));
                continue;
            }
            if line.is_empty() {
                continue;
            }
        }
        current.code.push(line);
        // A block ends with the bracket at its own level; anything else ends with its line.
        let ends = match current.code.first() {
            Some(first) if first.ends_with(['{', '(']) => line.starts_with(['}', ')']),
            _ => line.ends_with([';', '}', ',']),
        };
        if ends {
            items.push(std::mem::take(&mut current));
        }
    }
    items
}

impl Item<'_> {
    fn render(&self, depth: usize, page: &mut String) {
        let first = self.code.first().copied().unwrap_or_default();
        *page += &format!("{} {}\n\n", "#".repeat(depth), self.heading());
        if !self.docs.is_empty() {
            *page += &format!("{}\n\n", self.docs.join("\n"));
        }
        // Interfaces and resources hold declarations of their own; what other blocks hold is documented inside them.
        if !first.starts_with("interface ") && !first.starts_with("resource ") || first.ends_with(';') {
            *page += &format!("```wit\n{}\n```\n\n", self.code.join("\n"));
            return;
        }
        let inside = self.code.get(1..self.code.len() - 1).unwrap_or_default().join("\n");
        let (used, declared): (Vec<_>, Vec<_>) = items(&inside, 1)
            .into_iter()
            .partition(|item| item.code.first().is_some_and(|code| code.starts_with("use ")));
        if !used.is_empty() {
            let lines = used
                .iter()
                .flat_map(|item| item.code.iter().copied())
                .collect::<Vec<_>>();
            *page += &format!("```wit\n{}\n```\n\n", lines.join("\n"));
        }
        for item in declared {
            // Declarations of an inner level are rendered from text at their own indentation.
            item.render(depth + 1, page);
        }
    }

    /// `on-route: func(…)` is `on-route`; `variant verdict {` is variant `verdict`.
    fn heading(&self) -> String {
        let first = self.code.first().copied().unwrap_or_default();
        if let Some((name, _)) = first.split_once(": ") {
            return format!("`{name}`");
        }
        let code = first.trim_end_matches(['{', ';', ' ']);
        match code.split_once([' ', '(']) {
            Some((kind, rest)) => format!("{kind} `{}`", rest.split(" = ").next().unwrap_or(rest)),
            None => format!("`{code}`"),
        }
    }
}

/// The first sentence, for a table's cell.
fn sentence(docs: &[&str]) -> String {
    let paragraph = docs
        .iter()
        .take_while(|line| !line.is_empty())
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |end| end + 1);
    paragraph.get(..end).unwrap_or_default().replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = "/// Where to. More.
///
/// Details.
interface route {
    use types.{text};

    /// What.
    variant verdict {
        /// Pass on.
        next,
        to(list<string>),
    }

    /// A thing.
    resource session {
        /// Its id.
        id: func() -> u64;
    }

    /// Called once.
    on-route: func(
        session: borrow<session>,
    ) -> verdict;
}
";

    const PAGE: &str = "# interface `route`

Where to. More.

Details.

```wit
use types.{text};
```

## variant `verdict`

What.

```wit
variant verdict {
    /// Pass on.
    next,
    to(list<string>),
}
```

## resource `session`

A thing.

### `id`

Its id.

```wit
id: func() -> u64;
```

## `on-route`

Called once.

```wit
on-route: func(
    session: borrow<session>,
) -> verdict;
```
";

    #[test]
    fn documentation_becomes_prose_and_declarations_code() {
        let files = Files::from([("route.wit".into(), CONTRACT.into())]);
        let pages = pages(&files);
        let route = pages.get("route.md").map(|page| page.trim_start_matches(GENERATED));
        assert_eq!(route, Some(PAGE));
        assert!(
            pages
                .get("index.md")
                .is_some_and(|index| index.contains("| [route](route.md) | Where to. |"))
        );
    }

    #[test]
    fn no_line_of_the_contract_is_left_out() {
        let folder = crate::workspace::root().join("wit/portcullis-plugin-0.1.0");
        let files = super::super::read(&folder, "wit").expect("the contract");
        let pages = pages(&files);
        for (name, text) in &files {
            let page = if name == PACKAGE {
                "index.md".into()
            } else {
                name.replace(".wit", ".md")
            };
            let page = pages.get(&page).expect("a page for each file");
            for line in text.lines().map(|line| line.trim().trim_start_matches("/// ")) {
                // The frames of interfaces and resources are headings.
                let frame =
                    line.starts_with("interface ") || line.starts_with("resource ") || matches!(line, "}" | "///");
                assert!(frame || page.contains(line), "{name}: {line}");
            }
        }
    }
}
