//! Joins the stylesheet and lists what is served under `/pkg/`, as `OUT_DIR/assets.rs`.
//!
//! `dist/` holds the islands' wasm if `build.sh` made it; without it the pages are served without
//! islands, and are complete.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=style");
    println!("cargo::rerun-if-changed=dist");
    println!("cargo::rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_SSR").is_none() {
        return Ok(());
    }
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    let mut list = String::from("/// All files.\npub static ALL: &[Asset] = &[\n");

    let mut sheet = String::new();
    let mut icon = String::new();
    for path in files(&root.join("style"))? {
        if path.extension().is_some_and(|e| e == "css") {
            sheet.push_str(&fs::read_to_string(&path)?);
        } else if path.file_name().is_some_and(|n| n == "icon.svg") {
            icon = add(&mut list, &out, "icon", "svg", &fs::read(&path)?)?;
        }
    }
    let sheet = add(&mut list, &out, "app", "css", slim(&sheet).as_bytes())?;
    let dist = root.join("dist");
    let mut islands = (None, None);
    if dist.is_dir() {
        for path in files(&dist)? {
            match path.extension().and_then(|e| e.to_str()) {
                Some("js") => islands.0 = Some(add(&mut list, &out, "skep", "js", &fs::read(&path)?)?),
                Some("wasm") => islands.1 = Some(add(&mut list, &out, "skep", "wasm", &fs::read(&path)?)?),
                _ => {}
            }
        }
    }
    list.push_str("];\n");
    writeln!(list, "const STYLESHEET: &str = \"/pkg/{sheet}\";\nconst ICON: &str = \"/pkg/{icon}\";")
        .map_err(io::Error::other)?;
    match islands {
        (Some(js), Some(wasm)) => {
            writeln!(list, "const ISLANDS: Option<(&str, &str)> = Some((\"/pkg/{js}\", \"/pkg/{wasm}\"));")
        }
        _ => writeln!(list, "const ISLANDS: Option<(&str, &str)> = None;"),
    }
    .map_err(io::Error::other)?;
    fs::write(out.join("assets.rs"), list)
}

/// The files of a folder by name.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| entry.map(|e| e.path())).collect::<io::Result<_>>()?;
    files.sort();
    Ok(files)
}

/// Copies a file beside the list under its hashed name and adds its line; answers the name.
fn add(list: &mut String, out: &Path, stem: &str, ext: &str, bytes: &[u8]) -> io::Result<String> {
    let kind = match ext {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        _ => "image/svg+xml",
    };
    let name = format!("{stem}.{:016x}.{ext}", hash(bytes));
    fs::write(out.join(&name), bytes)?;
    writeln!(
        list,
        "    Asset {{ name: {name:?}, kind: {kind:?}, bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\")) }},"
    )
    .map_err(io::Error::other)?;
    Ok(name)
}

/// FNV-1a: it names content, it guards nothing.
fn hash(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// CSS without comments, indentation and empty lines.
fn slim(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}
