//! Lets the binary find libtorch without `LD_LIBRARY_PATH`, and compiles what calls its C++ side.

use std::env;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    println!("cargo:rerun-if-changed=src/libtorch/libtorch.cpp");
    if let Ok(folder) = env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
        let include = Path::new(&folder).with_file_name("include");
        cc::Build::new()
            .cpp(true)
            .std("c++17")
            .opt_level(3)
            .define("_GLIBCXX_USE_CXX11_ABI", "1")
            .flag("-isystem") // its headers are not ours to warn about
            .flag(&include)
            .flag_if_supported("-Wno-stringop-overflow") // GCC's false alarm in them, which -isystem does not stop
            .file("src/libtorch/libtorch.cpp")
            .compile("ktrain_libtorch");
    }
}
