//! Files served as they are, by our own static web server (`server/site`) on port 8080, in an image
//! that holds nothing else.

use std::collections::BTreeMap;

use super::{BuildError, Order, Recipe, inside::inside};
use crate::domain::name::RelPath;

/// The port on which a static site listens.
pub const PORT: u16 = 8080;

/// The server's name in the context. It shows nothing that begins with a dot.
const PROGRAM: &str = ".skep.site";

/// The folder's own ignore file leaves out what it names; what nobody should see is left out anyway.
const NEVER: &str = ".git\n**/.git\n.env\n**/.env\n.dockerignore\nDockerfile\n";

/// The recipe.
///
/// # Errors
/// `path_outside_repository`, `folder_missing`, `index_missing` for a single page without `index.html`,
/// `no_site_server`.
pub(super) fn recipe(folder: &RelPath, single_page: bool, order: Order) -> Result<Recipe, BuildError> {
    let context = inside(&order.folder, folder.as_str(), "folder", "folder_missing")?;
    if !context.is_dir() {
        return Err(BuildError::Failed {
            code: "folder_missing",
            message: format!("'{}' is no folder: name the folder that holds the site", folder.as_str()),
        });
    }
    if single_page && inside(&context, "index.html", "page", "none").is_err() {
        return Err(BuildError::Failed {
            code: "index_missing",
            message: "a single page app needs an index.html in its folder: correct the folder".to_owned(),
        });
    }
    let Some(site) = order.site else {
        return Err(BuildError::Failed {
            code: "no_site_server",
            message:
                "this installation has no web server for static sites: build Skep by deploy/build-program"
                    .to_owned(),
        });
    };
    let files = BTreeMap::from([(PROGRAM.to_owned(), site.to_vec())]);
    let single = if single_page { "\"--single-page\", " } else { "" };
    let dockerfile = format!(
        "FROM scratch\nCOPY --chmod=755 {PROGRAM} /bin/site\nCOPY . /www/\nUSER 10001:10001\nEXPOSE {PORT}\n\
         CMD [\"/bin/site\", {single}\"/www\"]\n"
    );
    let own = std::fs::read_to_string(context.join(".dockerignore")).unwrap_or_default();
    Ok(Recipe { context, files, dockerfile, ignore: format!("{own}\n{NEVER}"), ..Recipe::of(order) })
}
