//! Just enough of HTML to look at what we draw: our own output is regular, so that a scanner that
//! knows tags, quoted attributes and raw text is enough, and strict where the output is odd.

/// A start tag.
#[derive(Debug, Clone)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// The text up to the next tag.
    pub text: String,
}

impl Element {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// All start tags in order (with end tags as names that begin with `/`).
pub fn tags(page: &str) -> Vec<Element> {
    let mut found: Vec<Element> = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if rest.starts_with('!') {
            let end = if rest.starts_with("!--") {
                rest.find("-->").map(|n| n + 3)
            } else {
                rest.find('>').map(|n| n + 1)
            };
            rest = &rest[end.expect("comment ends")..];
            // A comment parts a text; it is still that of the tag before it.
            if let Some(last) = found.last_mut() {
                last.text += &decode(&rest[..rest.find('<').unwrap_or(rest.len())]);
            }
            continue;
        }
        let (tag, after) = split_tag(rest);
        let mut element = parse_tag(tag);
        rest = after;
        if matches!(element.name.as_str(), "script") {
            rest = &rest[rest.find("</script").expect("script ends")..];
        }
        element.text = decode(&rest[..rest.find('<').unwrap_or(rest.len())]);
        found.push(element);
    }
    found
}

/// All start tags in order.
pub fn elements(page: &str) -> Vec<Element> {
    tags(page).into_iter().filter(|tag| !tag.name.starts_with('/')).collect()
}

/// What a person reads.
pub fn text_of(page: &str) -> String {
    let all = tags(page);
    all.iter().filter(|tag| tag.name != "title").map(|tag| tag.text.as_str()).collect::<Vec<_>>().join("")
}

/// What a browser would send for the form with that action.
pub fn form_pairs(page: &str, action: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut inside = false;
    let mut select = String::new();
    let mut chosen: Option<String> = None;
    for tag in tags(page) {
        match tag.name.as_str() {
            "form" => inside = tag.get("action") == Some(action),
            "/form" => inside = false,
            _ if !inside => {}
            "input" => {
                let kind = tag.get("type").unwrap_or("text");
                let ticked = !matches!(kind, "checkbox" | "radio") || tag.get("checked").is_some();
                if let (Some(name), true) = (tag.get("name"), ticked) {
                    pairs.push((name.to_owned(), tag.get("value").unwrap_or_default().to_owned()));
                }
            }
            "textarea" => {
                let text = tag.text.strip_prefix('\n').unwrap_or(&tag.text).to_owned();
                pairs.push((tag.get("name").expect("name").to_owned(), text));
            }
            "select" => {
                select = tag.get("name").expect("name").to_owned();
                chosen = None;
            }
            "option" if chosen.is_none() || tag.get("selected").is_some() => {
                chosen = tag.get("value").map(str::to_owned);
            }
            "/select" => pairs.push((select.clone(), chosen.take().unwrap_or_default())),
            _ => {}
        }
    }
    pairs
}

/// As `application/x-www-form-urlencoded`.
pub fn encode(pairs: &[(String, String)]) -> String {
    let byte =
        |b: u8| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") };
    let text = |text: &str| text.bytes().map(byte).collect::<String>();
    pairs.iter().map(|(key, value)| format!("{}={}", text(key), text(value))).collect::<Vec<_>>().join("&")
}

/// The inside of a tag and what follows it; a `>` in quotes does not end it.
fn split_tag(rest: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, c) in rest.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return (&rest[..at], &rest[at + 1..]),
            _ => {}
        }
    }
    panic!("a tag does not end: {}", &rest[..rest.len().min(80)]);
}

fn parse_tag(tag: &str) -> Element {
    let tag = tag.trim_end_matches('/');
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let key = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (inner, after) = quoted.split_once('"').expect("quoted value ends");
            value = decode(inner);
            rest = after;
        }
        attributes.push((key, value));
    }
    Element { name: name.to_owned(), attributes, text: String::new() }
}

fn decode(text: &str) -> String {
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}
