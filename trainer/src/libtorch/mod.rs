//! What tch does not bind of libtorch, and CUDA at run time. The one file that talks to libtorch's
//! C++ side by itself; `libtorch.cpp` is the other half of it.
#![allow(unsafe_code)]

pub mod device;
pub mod processor;
pub mod reason;

use std::ffi::{CStr, c_char, c_void};
use std::mem;
use std::ptr;
use std::sync::OnceLock;

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
use tch::{TchError, Tensor};
use torch_sys::C_tensor;

use crate::Result;

/// Loads libtorch's CUDA half, so that one binary runs with and without CUDA.
///
/// The linker drops `libtorch_cuda.so`, since nothing refers to it; its constructors register the
/// CUDA backend. It must come before libtorch first asks whether there is CUDA, since libtorch
/// keeps that answer.
///
/// # Errors
/// The dynamic linker's reason.
pub(crate) fn load_cuda() -> std::result::Result<(), libloading::Error> {
    // SAFETY: opening a library runs its constructors. These are libtorch's own, made to run when
    // a program starts, and they depend on no state of this program.
    let library = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) }?;
    mem::forget(library); // the backend it registered must stay
    Ok(())
}

type Message = *mut c_char;

unsafe extern "C" {
    fn ktrain_adamw(
        params: *const *const C_tensor,
        grads: *const *const C_tensor,
        means: *const *const C_tensor,
        squares: *const *const C_tensor,
        count: usize,
        clip: f64,
        step: f64,
        rate: f64,
        beta1: f64,
        beta2: f64,
        decay: f64,
        epsilon: f64,
        norm: *mut *mut C_tensor,
    ) -> Message;
    fn ktrain_dropout_mask(
        shape: *const i64,
        dimensions: usize,
        rate: f64,
        seed: u64,
        mask: *mut *mut C_tensor,
    ) -> Message;
    fn ktrain_multiplies_bf16(answer: *mut bool) -> Message;
    fn ktrain_cpu_capability() -> Message;
    fn ktrain_pack(weight: *const C_tensor, packed: *mut *mut C_tensor) -> Message;
    fn ktrain_packed_linear(
        x: *const C_tensor,
        packed: *const C_tensor,
        bias: *const C_tensor,
        then: *const c_char,
        y: *mut *mut C_tensor,
    ) -> Message;
    fn ktrain_packed_linear_add(
        x: *const C_tensor,
        other: *const C_tensor,
        packed: *const C_tensor,
        bias: *const C_tensor,
        y: *mut *mut C_tensor,
    ) -> Message;
    fn free(message: *mut c_void);
}

/// The tensor that a call gives, or its error.
fn result(call: impl FnOnce(*mut *mut C_tensor) -> Message) -> Result<Tensor> {
    let mut tensor = ptr::null_mut();
    let message = call(&raw mut tensor);
    if message.is_null() {
        // SAFETY: without a message the call has put a new tensor there, which is ours now.
        return Ok(unsafe { Tensor::from_ptr(tensor) });
    }
    Err(TchError::Torch(owned(message)).into())
}

/// A message's text. It must not be null.
fn owned(message: Message) -> String {
    // SAFETY: the message is a C string that `strdup` made for us.
    let text = unsafe { CStr::from_ptr(message) }
        .to_string_lossy()
        .into_owned();
    // SAFETY: as above; it is not used any more.
    unsafe { free(message.cast()) };
    text
}

/// Whether oneDNN multiplies bf16 matrices on this processor, asked as libtorch itself asks: the
/// processor has AVX512-BW, VL and DQ (or AVX-NE-CONVERT), and `ONEDNN_MAX_CPU_ISA` does not hide
/// them. Without, libtorch refuses packed weights, and its own bf16 product is a plain loop.
pub(crate) fn multiplies_bf16() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let mut answer = false;
        // SAFETY: the answer lives until the call returns.
        let message = unsafe { ktrain_multiplies_bf16(&raw mut answer) };
        if message.is_null() {
            return answer;
        }
        drop(owned(message)); // what cannot be asked is taken for a no, which works everywhere
        false
    })
}

/// The instructions that libtorch's own kernels use, by libtorch's name: those of the processor, or
/// fewer where `ATEN_CPU_CAPABILITY` says so.
pub(crate) fn cpu_capability() -> String {
    // SAFETY: it gives a string that `strdup` made for us.
    owned(unsafe { ktrain_cpu_capability() })
}

/// As tch's functions whose name does not start with `f_`.
fn sure(result: Result<Tensor>) -> Tensor {
    result.unwrap_or_else(|error| panic!("{error}"))
}

fn pointers(tensors: &[Tensor]) -> Vec<*const C_tensor> {
    tensors.iter().map(Tensor::as_ptr).collect()
}

/// What AdamW changes, and by what: tensors of the same shapes in the same order.
pub(crate) struct AdamW<'a> {
    pub(crate) params: &'a [Tensor],
    pub(crate) grads: &'a [Tensor],
    /// Decaying means of the gradients, and of their squares.
    pub(crate) means: &'a [Tensor],
    pub(crate) squares: &'a [Tensor],
    /// Longest gradient, all together; 0 = any.
    pub(crate) clip: f64,
    /// Steps, this one included.
    pub(crate) step: f64,
    pub(crate) rate: f64,
    pub(crate) betas: [f64; 2],
    pub(crate) decay: f64,
    pub(crate) epsilon: f64,
}

impl AdamW<'_> {
    /// A step of AdamW in one pass over the memory. Gives the gradients' norm before clipping.
    /// The gradients may be changed.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub(crate) fn step(&self) -> Result<Tensor> {
        let lists = [self.params, self.grads, self.means, self.squares].map(pointers);
        let [params, grads, means, squares] = lists.each_ref().map(Vec::as_ptr);
        let count = lists.iter().map(Vec::len).min().unwrap_or(0);
        // SAFETY: the lists hold `count` tensors that live until the call returns.
        result(|norm| unsafe {
            ktrain_adamw(
                params,
                grads,
                means,
                squares,
                count,
                self.clip,
                self.step,
                self.rate,
                self.betas[0],
                self.betas[1],
                self.decay,
                self.epsilon,
                norm,
            )
        })
    }
}

/// A factor for each element of a tensor on the CPU, in fp32: 0 with the probability `rate` (to
/// 1/65536), else what keeps the mean. A function of the seed, whatever the
/// threads. libtorch's own draws one number after the other: a tenth of a training step.
///
/// # Panics
/// Where memory is short, as tch's functions do.
pub(crate) fn dropout_mask(shape: &[i64], rate: f64, seed: u64) -> Tensor {
    // SAFETY: the shape lives until the call returns.
    sure(result(|mask| unsafe {
        ktrain_dropout_mask(shape.as_ptr(), shape.len(), rate, seed, mask)
    }))
}

/// What follows a linear layer in the same pass.
#[derive(Clone, Copy)]
pub(crate) enum Then<'a> {
    /// Nothing.
    Nothing,
    /// erf-GELU.
    Gelu,
    /// The sum with another tensor.
    Add(&'a Tensor),
}

/// The weight and bias of a frozen linear layer on the CPU, in the order in which the processor
/// reads them: what oneDNN else does again for each product.
pub(crate) struct Packed {
    weight: Tensor,
    bias: Tensor,
}

impl Packed {
    /// Packs.
    ///
    /// # Errors
    /// [`crate::Error::Torch`].
    pub(crate) fn new(weight: &Tensor, bias: &Tensor) -> Result<Self> {
        // SAFETY: the weight lives until the call returns.
        let weight = result(|packed| unsafe { ktrain_pack(weight.as_ptr(), packed) })?;
        Ok(Self {
            weight,
            bias: bias.shallow_clone(),
        })
    }

    /// The product, without a graph.
    ///
    /// # Panics
    /// For another width than the layer's, and where memory is short, as tch's functions do.
    pub(crate) fn linear(&self, x: &Tensor, then: Then) -> Tensor {
        let (x, weight, bias) = (x.as_ptr(), self.weight.as_ptr(), self.bias.as_ptr());
        // SAFETY: all tensors live until the call returns, and the names for ever.
        sure(result(|y| unsafe {
            match then {
                Then::Add(other) => ktrain_packed_linear_add(x, other.as_ptr(), weight, bias, y),
                Then::Nothing => ktrain_packed_linear(x, weight, bias, c"none".as_ptr(), y),
                Then::Gelu => ktrain_packed_linear(x, weight, bias, c"gelu".as_ptr(), y),
            }
        }))
    }

    /// The bias.
    pub(crate) fn bias(&self) -> Tensor {
        self.bias.shallow_clone()
    }

    /// The weight as it was.
    pub(crate) fn weight(&self) -> Tensor {
        self.weight.to_dense(None, false)
    }
}
