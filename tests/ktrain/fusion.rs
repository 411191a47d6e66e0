//! Fusion of several adapters in fine-tuning, beside numbers of `tests/data/fusion/make_fusion.py`.

use std::path::Path;

use ktrain::config::{Benchmark, Config, Fusion, Preset, benchmark::Knowing};
use ktrain::files::weights::Named;
use ktrain::model::fusion::{self, FusionLayers};
use ktrain::model::params::Params;
use serde_json::Value;
use tch::{Device, Kind, Tensor};

use crate::json;

fn floats(value: &Value) -> Tensor {
    let numbers: Vec<f64> = serde_json::from_value(value.clone()).unwrap();
    Tensor::from_slice(&numbers).to_kind(Kind::Float)
}

fn max_difference(a: &Tensor, b: &Tensor) -> f64 {
    (a.reshape([-1]) - b.reshape([-1]))
        .abs()
        .max()
        .double_value(&[])
}

#[test]
fn features_and_gradients_of_both_fusions_are_those_of_python() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/fusion");
    let reference = json(&dir.join("reference.json"));
    let size = |name: &str| reference[name].as_i64().unwrap();
    let (tokens, hidden, adapters) = (size("tokens"), size("hidden"), size("adapters"));
    for (name, fusion, parameters) in [
        (
            "attention",
            Fusion::Attention,
            3 * hidden * hidden + 2 * hidden,
        ),
        ("gate", Fusion::Gate, adapters * (2 * hidden + 1)),
    ] {
        let case = &reference[name];
        let config = Config {
            adapters: Some(adapters as usize),
            fusion: Some(fusion),
            ..Benchmark::Tacred.config(Preset::Paper, Knowing::Both)
        };
        let specs = fusion::specs(&config, hidden);
        let params = Params::new(specs.clone(), 1, Device::Cpu);
        assert_eq!(params.numel() as i64, parameters, "{name}");
        assert_eq!(fusion::width(&config, hidden), 2 * hidden);
        let named: Named = specs
            .iter()
            .map(|spec| {
                let values = floats(&case["parameters"][&spec.name]);
                (spec.name.clone(), values.view(spec.shape.as_slice()))
            })
            .collect();
        params.fill(params.flat(), "", &named);
        let layers = FusionLayers::new(&config, &params).unwrap();
        let shaped = |value: &Value| floats(value).view([tokens, hidden]);
        let outputs: Vec<Tensor> = case["outputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(shaped)
            .collect();
        let features = layers.features(&shaped(&case["last"]), &outputs);
        let feature = Tensor::cat(&features, -1);
        let difference = max_difference(&feature, &floats(&case["feature"]));
        assert!(difference < 1e-5, "{name}: {difference}");
        let coefficient = floats(&case["coefficient"]).view([tokens, 2 * hidden]);
        let sum = (feature * coefficient).sum(Kind::Float);
        let grads = Tensor::run_backward(&[sum], params.leaves(), false, false);
        for (spec, grad) in specs.iter().zip(grads) {
            let difference = max_difference(&grad, &floats(&case["gradients"][&spec.name]));
            assert!(difference < 1e-4, "{name}, {}: {difference}", spec.name);
        }
    }
}

#[test]
fn values_start_as_the_outputs_themselves() {
    let config = Config {
        adapters: Some(2),
        fusion: Some(Fusion::Attention),
        ..Benchmark::Tacred.config(Preset::Paper, Knowing::Both)
    };
    let params = Params::new(fusion::specs(&config, 4), 1, Device::Cpu);
    let layers = FusionLayers::new(&config, &params).unwrap();
    let [last, output] = [1, 2].map(|_| Tensor::randn([3, 4], (Kind::Float, Device::Cpu)));
    let features = layers.features(&last, &[output.shallow_clone(), output.shallow_clone()]);
    assert!(max_difference(&features[1], &output) < 1e-6);
}
