//! CUDA at run time. The one file that talks to libtorch's C++ side by itself.
#![allow(unsafe_code)]

use std::mem;

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

/// Loads libtorch's CUDA half, so that one binary runs with and without CUDA.
///
/// The linker drops `libtorch_cuda.so`, since nothing refers to it; its constructors register the
/// CUDA backend. It must come before libtorch first asks whether there is CUDA, since libtorch
/// keeps that answer.
///
/// # Errors
/// The dynamic linker's reason.
pub(crate) fn load() -> Result<(), libloading::Error> {
    // SAFETY: opening a library runs its constructors. These are libtorch's own, made to run when
    // a program starts, and they depend on no state of this program.
    let library = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) }?;
    mem::forget(library); // the backend it registered must stay
    Ok(())
}
