//! Files served as they are, by busybox's web server on port 8080.

use std::collections::BTreeMap;

use super::{BuildError, Order, Recipe, inside::inside};
use crate::domain::name::RelPath;

/// The port on which a static site listens.
pub const PORT: u16 = 8080;

/// The folder's own ignore file leaves out what it names; what nobody should see is left out anyway.
const NEVER: &str = ".git\n**/.git\n.env\n**/.env\n.dockerignore\nDockerfile\n";

/// The recipe.
///
/// # Errors
/// `path_outside_repository`, `folder_missing`, `index_missing` for a single page without `index.html`.
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
    let mut files = BTreeMap::new();
    let mut dockerfile = format!("FROM {}\nCOPY . /www/\n", order.static_base);
    let mut command = format!("\"/bin/busybox\", \"httpd\", \"-f\", \"-p\", \"{PORT}\", \"-h\", \"/www\"");
    if single_page {
        // busybox answers unknown paths with this page; it keeps the status 404.
        files.insert(".skep.httpd.conf".to_owned(), b"E404:/www/index.html\n".to_vec());
        dockerfile.push_str("COPY .skep.httpd.conf /etc/httpd.conf\n");
        command.push_str(", \"-c\", \"/etc/httpd.conf\"");
    }
    dockerfile.push_str(&format!("EXPOSE {PORT}\nENTRYPOINT []\nCMD [{command}]\n"));
    let own = std::fs::read_to_string(context.join(".dockerignore")).unwrap_or_default();
    Ok(Recipe {
        context,
        files,
        dockerfile,
        ignore: format!("{own}\n{NEVER}"),
        target: None,
        args: BTreeMap::new(),
        labels: order.labels,
        secrets: BTreeMap::new(),
        tag: order.tag,
        no_cache: false,
        limits: order.limits,
    })
}
