//! Asks an authenticator: to make a key, or to sign in with one. Only a script can. The browser itself reads
//! the question and writes the answer (`parse…OptionsFromJSON`, `toJSON`), and the server judges it.

use leptos::prelude::*;

/// A button that gets a question from the API at `begin`, asks the authenticator, and sends its answer to
/// `finish`; then it goes on to `to`. `asked` and `told` name values that go along, with the ids of the inputs
/// that hold them, or nothing for `true`. It makes a key where `told` has something, else it signs in.
#[island]
pub fn PasskeyButton(
    /// What it says: `Sign in with a passkey`.
    label: String,
    /// Where the question comes from.
    begin: String,
    /// What goes along to ask for it.
    asked: Vec<(String, String)>,
    /// Where the answer goes.
    finish: String,
    /// What goes along with it.
    told: Vec<(String, String)>,
    /// The page that follows.
    to: String,
) -> impl IntoView {
    let (awake, fault) = (RwSignal::new(false), RwSignal::new(String::new()));
    Effect::new(move |_| awake.set(true));
    let way = StoredValue::new((begin, asked, finish, told, to));
    view! {
        <button
            type="button"
            class="button"
            disabled=move || !awake.get()
            on:click=move |_| {
                fault.set(String::new());
                awake.set(false);
                go(way, awake, fault);
            }
        >
            {label}
        </button>
        <p class="fault" role="alert" hidden=move || fault.get().is_empty()>
            {move || fault.get()}
        </p>
    }
}

/// Where the question comes from, what goes along, where the answer goes, what goes along, what follows.
type Way = StoredValue<(String, Vec<(String, String)>, String, Vec<(String, String)>, String)>;

#[cfg(not(feature = "hydrate"))]
fn go(_way: Way, _awake: RwSignal<bool>, _fault: RwSignal<String>) {}

#[cfg(feature = "hydrate")]
fn go(way: Way, awake: RwSignal<bool>, fault: RwSignal<String>) {
    leptos::task::spawn_local(async move {
        let (begin, asked, finish, told, to) = way.get_value();
        match browser::ask(&begin, &asked, &finish, &told).await {
            Ok(()) => drop(window().location().assign(&to)),
            Err(error) => {
                fault.set(browser::words(&error));
                awake.set(true);
            }
        }
    });
}

#[cfg(feature = "hydrate")]
mod browser {
    use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
    use leptos::prelude::{document, window};
    use wasm_bindgen::{JsCast as _, JsValue};
    use wasm_bindgen_futures::JsFuture;

    type Result<T> = std::result::Result<T, JsValue>;

    pub(super) async fn ask(
        begin: &str,
        asked: &[(String, String)],
        finish: &str,
        told: &[(String, String)],
    ) -> Result<()> {
        let (kind, parse) = match told {
            [] => ("get", "parseRequestOptionsFromJSON"),
            _ => ("create", "parseCreationOptionsFromJSON"),
        };
        let keys = get(&window(), "PublicKeyCredential")?;
        if keys.is_undefined() || get(&keys, parse)?.is_undefined() {
            return Err("This browser knows no passkeys, or the page is not served over HTTPS.".into());
        }
        let question = get(&post(begin, &values(asked)?).await?, "options")?;
        let options = Object::new();
        Reflect::set(&options, &"publicKey".into(), &call(&keys, parse, &[&question])?)?;
        let credentials = get(&window().navigator(), "credentials")?;
        let made = wait(call(&credentials, kind, &[&options])?).await?;
        let answer = values(told)?;
        Reflect::set(&answer, &"credential".into(), &call(&made, "toJSON", &[])?)?;
        post(finish, &answer).await.map(drop)
    }

    /// What is said of an error: the server's words, or what the browser means by its own.
    pub(super) fn words(error: &JsValue) -> String {
        let name = get(error, "name").ok().and_then(|name| name.as_string()).unwrap_or_default();
        match name.as_str() {
            "NotAllowedError" => "Nothing was confirmed. Try again when you are ready.".to_owned(),
            "InvalidStateError" => "This device has a passkey of yours already.".to_owned(),
            _ => error.as_string().unwrap_or_else(|| "That did not work. Try again.".to_owned()),
        }
    }

    /// What the inputs hold; an empty one is left out.
    fn values(names: &[(String, String)]) -> Result<Object> {
        let all = Object::new();
        for (name, input) in names {
            let value = match document().get_element_by_id(input) {
                Some(input) => get(&input, "value")?,
                None => JsValue::TRUE,
            };
            if value.as_string().is_none_or(|text| !text.is_empty()) {
                Reflect::set(&all, &name.into(), &value)?;
            }
        }
        Ok(all)
    }

    /// Posts JSON to the API; what it answers, or the words with which it refuses.
    async fn post(path: &str, body: &Object) -> Result<JsValue> {
        let (headers, init) = (Object::new(), Object::new());
        Reflect::set(&headers, &"content-type".into(), &"application/json".into())?;
        Reflect::set(&init, &"headers".into(), &headers)?;
        Reflect::set(&init, &"method".into(), &"POST".into())?;
        Reflect::set(&init, &"body".into(), &JSON::stringify(body)?.into())?;
        let path = format!("/api/v1{path}").into();
        let answer = wait(call(&window(), "fetch", &[&path, &init])?).await?;
        let told = wait(call(&answer, "json", &[])?).await?;
        if get(&answer, "ok")?.is_truthy() { Ok(told) } else { Err(get(&told, "detail")?) }
    }

    fn get(of: &JsValue, name: &str) -> Result<JsValue> {
        Reflect::get(of, &name.into())
    }

    fn call(of: &JsValue, name: &str, arguments: &[&JsValue]) -> Result<JsValue> {
        let function: Function = get(of, name)?.dyn_into()?;
        Reflect::apply(&function, of, &arguments.iter().copied().collect::<Array>())
    }

    async fn wait(promise: JsValue) -> Result<JsValue> {
        JsFuture::from(Promise::resolve(&promise)).await
    }
}
