//! From a request to a response: who may see what, which page or form it is, and the headers.
//!
//! The server mounts [`handle`] as its fallback, below `/webhook`, `/api` and `/events`. Before it
//! calls, it has refused unsafe requests of a foreign origin and bound the API to the actor.

mod cookie;
mod cx;
mod flash;
mod form;
mod handle;
mod respond;
mod safe_path;

pub use cookie::keep as theme_cookie;
pub use cx::{Cx, Visit};
pub use flash::Done;
pub use form::{Entered, Form, FormState};
pub use handle::handle;
pub use safe_path::safe_path;
