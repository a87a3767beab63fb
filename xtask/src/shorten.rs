//! Short names between a wasm program and its script: wasm-bindgen's are long, and end in digits of hashes, which no
//! compression shrinks.

use std::collections::HashMap;

/// The pass of wasm-opt that renames imports, exports and their module. It prints what it has done as JSON.
pub(crate) const PASS: &str = "--minify-imports-and-exports-and-modules";

/// The only module after it.
const MODULE: &str = "a";

/// Renames in a program's script what wasm-opt has renamed in the program: `["MODULE", "OLD", "NEW"]` a line for
/// imports, `["OLD", "NEW"]` for exports.
pub(crate) fn rename(script: &str, renamed: &str) -> String {
    let (mut imports, mut exports, mut modules) = (HashMap::new(), HashMap::new(), Vec::new());
    for line in renamed.lines() {
        match line.split('"').skip(1).step_by(2).collect::<Vec<_>>()[..] {
            [module, old, new] => {
                imports.insert(old, new);
                modules.push(format!("\"{module}\""));
            }
            [old, new] => {
                exports.insert(old, new);
            }
            _ => {}
        }
    }
    modules.sort();
    modules.dedup();
    let mut short = String::with_capacity(script.len());
    for (before, word) in words(script) {
        short.push_str(before);
        // An export is a property of the program; a word like `memory` may be something else elsewhere.
        let export = exports.get(word).filter(|_| short.ends_with('.'));
        short.push_str(imports.get(word).or(export).unwrap_or(&word));
    }
    modules.iter().fold(short, |short, module| short.replace(module.as_str(), &format!("\"{MODULE}\"")))
}

/// Each identifier of a script, with what stands before it; the last is empty.
fn words(script: &str) -> impl Iterator<Item = (&str, &str)> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let mut rest = Some(script);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(start) = text.find(is_part) else {
            rest = None;
            return Some((text, ""));
        };
        let end = text[start..].find(|letter| !is_part(letter)).map_or(text.len(), |length| start + length);
        rest = Some(&text[end..]);
        Some((&text[..start], &text[start..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_exports_and_the_module_are_renamed_and_nothing_else() {
        let renamed = r#"{
 "imports": [
  ["./page_bg.js", "__wbg_now_37eb45aaf5eeb820", "$"]
 ],
 "exports": [
  ["memory", "b"],
  ["__wbindgen_free", "c"]
 ]
}"#;
        let script = r#"const imports={"./page_bg.js":{__wbg_now_37eb45aaf5eeb820:()=>memory(__wbg_now_37)}};wasm.__wbindgen_free(wasm.memory.buffer)"#;
        let short = r#"const imports={"a":{$:()=>memory(__wbg_now_37)}};wasm.c(wasm.b.buffer)"#;
        assert_eq!(rename(script, renamed), short);
    }

    #[test]
    fn a_script_without_names_to_shorten_stays() {
        for script in ["", "a", "a.b(c)", " // é\n"] {
            assert_eq!(rename(script, ""), script);
        }
    }
}
