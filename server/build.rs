//! Embeds the programs that go into containers, if their files are named; see `src/swarm/probe.rs`.

use std::{env, fs, path::Path};

fn main() {
    let mut code = String::new();
    for (variable, constant) in [("SKEP_PROBE", "PROBE"), ("SKEP_SITE", "SITE")] {
        println!("cargo:rerun-if-env-changed={variable}");
        let value = match env::var(variable) {
            Ok(file) => {
                println!("cargo:rerun-if-changed={file}");
                let file =
                    fs::canonicalize(&file).unwrap_or_else(|e| panic!("{variable} must name a program: {e}"));
                format!("Some(include_bytes!({file:?}))")
            }
            Err(_) => "None".to_owned(),
        };
        code.push_str(&format!("const {constant}: Option<&[u8]> = {value};\n"));
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("embedded.rs"), code).expect("the output folder can be written");
}
