//! Patterns with named places, as the templates' words have them: `{day} de {month}`.

/// `pattern` with each `{name}` replaced by its value, in one pass: values are not searched.
/// A name without a value stays as it stands.
pub fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(pattern.len() + 32);
    let mut rest = pattern;
    while let Some((before, from)) = rest.split_once('{') {
        filled.push_str(before);
        let value = from.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        rest = match value {
            Some((value, after)) => {
                filled.push_str(value);
                after
            }
            None => {
                filled.push('{');
                from
            }
        };
    }
    filled.push_str(rest);
    filled
}
