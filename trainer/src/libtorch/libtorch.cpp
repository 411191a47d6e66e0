// What tch does not bind of libtorch, as functions that give null or an error message, which
// belongs to the caller. libtorch.rs is the other side of it and says what each function does.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>

#include <cstring>
#include <exception>
#include <optional>
#include <vector>

using at::Tensor;
using Text = c10::string_view;

namespace {

template <typename Function>
char* guarded(Function function) {
  try {
    function();
    return nullptr;
  } catch (const c10::Error& error) {
    return strdup(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return strdup(error.what());
  }
}

std::vector<Tensor> list(Tensor** tensors, size_t count) {
  std::vector<Tensor> all;
  for (size_t i = 0; i < count; i++) all.push_back(*tensors[i]);
  return all;
}

// SplitMix64 (Steele et al., 2014): any place of its sequence, without those before it.
uint64_t random(uint64_t seed, uint64_t place) {
  uint64_t z = seed + (place + 1) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

}  // namespace

extern "C" {

char* ktrain_adamw(Tensor** params, Tensor** grads, Tensor** means, Tensor** squares, size_t count,
                   double clip, double step, double rate, double beta1, double beta2, double decay,
                   double epsilon, Tensor** norm) {
  return guarded([&] {
    at::NoGradGuard guard;
    auto all = list(grads, count);
    // The kernel reads each gradient as its parameter lies, whatever its strides are.
    for (Tensor& grad : all) grad = grad.contiguous();
    const Tensor whole = at::stack(at::_foreach_norm(all)).norm();
    std::optional<Tensor> divisor;
    if (clip > 0) divisor = whole.add(1e-6).div(clip).clamp_min(1);
    const auto steps = std::vector<Tensor>(count, at::full({}, step, whole.options()));
    at::_fused_adamw_(list(params, count), all, list(means, count), list(squares, count), {}, steps,
                      rate, beta1, beta2, decay, epsilon, false, false, divisor, {});
    *norm = new Tensor(whole);
  });
}

char* ktrain_dropout_mask(const int64_t* shape, size_t dimensions, double rate, uint64_t seed,
                          Tensor** mask) {
  return guarded([&] {
    const Tensor made = at::empty({shape, dimensions}, at::kFloat);
    const auto dropped = static_cast<uint64_t>(rate * 65536 + 0.5);
    const float scale = 65536.0f / (65536 - dropped);
    float* values = made.mutable_data_ptr<float>();
    const int64_t size = made.numel();
    // Sixteen bits decide about an element, so a number serves for four of them.
    at::parallel_for(0, (size + 3) / 4, 1 << 14, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const uint64_t bits = random(seed, i);
        for (int64_t j = 4 * i; j < std::min(4 * i + 4, size); j++)
          values[j] = (bits >> 16 * (j % 4) & 0xFFFF) < dropped ? 0 : scale;
      }
    });
    *mask = new Tensor(made);
  });
}

char* ktrain_multiplies_bf16(bool* answer) {
  return guarded([&] {
    // What each of oneDNN's bf16 products asks first. Where libtorch is built without oneDNN there is none.
    const auto op = c10::Dispatcher::singleton().findSchema({"mkldnn::_is_mkldnn_bf16_supported", ""});
    torch::jit::Stack stack;
    if (op) op->callBoxed(&stack);
    *answer = op && torch::jit::pop(stack).toBool();
  });
}

char* ktrain_cpu_capability() { return strdup(at::get_cpu_capability().c_str()); }

char* ktrain_pack(Tensor* weight, Tensor** packed) {
  return guarded([&] {
    static const auto op = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("mkldnn::_reorder_linear_weight", "")
                               .typed<Tensor(const Tensor&, std::optional<int64_t>)>();
    *packed = new Tensor(op.call(*weight, std::nullopt));
  });
}

char* ktrain_packed_linear(Tensor* x, Tensor* packed, Tensor* bias, const char* then, Tensor** y) {
  return guarded([&] {
    using Signature = Tensor(const Tensor&, const Tensor&, const std::optional<Tensor>&, Text,
                             c10::List<std::optional<at::Scalar>>, std::optional<Text>);
    static const auto op = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("mkldnn::_linear_pointwise", "")
                               .typed<Signature>();
    *y = new Tensor(op.call(*x, *packed, *bias, then, c10::List<std::optional<at::Scalar>>(), "none"));
  });
}

char* ktrain_packed_linear_add(Tensor* x, Tensor* other, Tensor* packed, Tensor* bias, Tensor** y) {
  return guarded([&] {
    using Signature = Tensor(const Tensor&, const Tensor&, const Tensor&,
                             const std::optional<Tensor>&, Text);
    static const auto op = c10::Dispatcher::singleton()
                               .findSchemaOrThrow("mkldnn::_linear_pointwise", "binary")
                               .typed<Signature>();
    *y = new Tensor(op.call(*x, *other, *packed, *bias, "add"));
  });
}

}  // extern "C"
