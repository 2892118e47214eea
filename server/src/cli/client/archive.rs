//! Archives that are sent as the source of an app: a file, or standard input.

use std::{io::Read as _, path::Path};

use serde_json::Value;

use super::{api::Api, fault::Failure, show::cell};
use crate::cli::say;

/// The server takes no larger one.
const MOST: u64 = 256 << 20;

/// Sends `file` (tar, tar.gz or zip; `-` is standard input) to the app, for its next deployment.
pub(super) async fn send(app: &Value, file: &Path, api: &Api) -> Result<(), Failure> {
    let archive = read(file)?;
    let size = archive.len();
    api.upload(&format!("/apps/{}/archive", cell(app, "id")), archive).await?;
    say(format_args!("{}: took {} ({size} bytes)", cell(app, "path"), file.display()));
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let wrong =
        |error: std::io::Error| Failure::NotDone(format!("{} cannot be read: {error}", file.display()));
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes).map_err(wrong)?;
    } else {
        let opened = std::fs::File::open(file).map_err(wrong)?;
        if opened.metadata().map_err(wrong)?.is_dir() {
            let text = "is a folder: send it as `tar -cz -C FOLDER . | skep deploy APP --archive - --wait`";
            return Err(Failure::Usage(format!("{} {text}", file.display())));
        }
        opened.take(MOST + 1).read_to_end(&mut bytes).map_err(wrong)?;
    }
    if bytes.len() as u64 > MOST {
        return Err(Failure::NotDone(format!("{} is larger than {} MiB", file.display(), MOST >> 20)));
    }
    Ok(bytes)
}
