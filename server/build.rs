//! Embeds the health probe, if the file is named; see `src/swarm/probe.rs`.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-env-changed=SKEP_PROBE");
    let code = match env::var("SKEP_PROBE") {
        Ok(file) => {
            println!("cargo:rerun-if-changed={file}");
            let file = fs::canonicalize(&file).expect("SKEP_PROBE must name the probe's file");
            format!("const EMBEDDED: Option<&[u8]> = Some(include_bytes!({file:?}));")
        }
        Err(_) => "const EMBEDDED: Option<&[u8]> = None;".to_owned(),
    };
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("embedded_probe.rs"), code).expect("the output folder can be written");
}
