//! The program starts by itself, without the C start files and libraries.

fn main() {
    if std::env::var_os("CARGO_FEATURE_BARE").is_some() {
        for argument in ["-nostartfiles", "-nostdlib", "-static", "-Wl,--build-id=none"] {
            println!("cargo:rustc-link-arg-bins={argument}");
        }
    }
}
