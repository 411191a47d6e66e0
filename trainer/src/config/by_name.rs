//! Settings by their names: as `--set` changes them, as files hold them, and where two runs differ.

use serde_json::Value;

use super::reference::{self, Setting};
use super::{Config, Preset, Task};
use crate::{Error, Result};

/// Settings that files of earlier versions lack: these did what is the default now.
const LATER: [&str; 15] = [
    "objective",
    "span_pooling",
    "pair_loss",
    "mask_words",
    "label_loss",
    "link_loss",
    "link_prior",
    "mask_mentions",
    "extra_candidates",
    "vectors",
    "vector_size",
    "gradient_checkpointing",
    "markers_within_max_length",
    "lr_scheduler_step",
    "adam_epsilon_placement",
];

/// How alike two names are that one may have been typed for the other.
const ALIKE: f64 = 0.8;

/// What to say about a name that is no setting.
fn no_such(key: &str) -> String {
    let alike = |setting: &Setting| strsim::jaro_winkler(key, setting.name);
    let nearest = reference::all()
        .filter(|setting| alike(setting) > ALIKE)
        .max_by(|a, b| alike(a).total_cmp(&alike(b)));
    match nearest {
        Some(setting) => format!(
            "no such setting; is it {}? ktrain settings explains all",
            setting.name
        ),
        None => "no such setting; ktrain settings prints and explains all".to_owned(),
    }
}

impl Config {
    /// The same settings with one changed, as `--set KEY=VALUE` names it.
    ///
    /// # Errors
    /// [`Error::Assignment`] for an unknown key or a value of the wrong type.
    pub fn with(&self, assignment: &str) -> Result<Self> {
        let refuse = |assignment: &str, reason: String| Error::Assignment {
            flag: "--set",
            assignment: assignment.to_owned(),
            reason,
        };
        let (key, value) = assignment
            .split_once('=')
            .ok_or_else(|| refuse(assignment, "expected KEY=VALUE".to_owned()))?;
        let wrong = |e: serde_json::Error| refuse(assignment, e.to_string());
        let mut fields = serde_json::to_value(self).map_err(wrong)?;
        let Some(field) = Setting::named(key).and_then(|setting| fields.get_mut(setting.name))
        else {
            return Err(refuse(key, no_such(key)));
        };
        *field = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        serde_json::from_value(fields).map_err(wrong)
    }

    /// The same settings with all of these changed.
    ///
    /// # Errors
    /// As [`Config::with`].
    pub fn with_all(self, assignments: &[String]) -> Result<Self> {
        let mut assignments = assignments.iter();
        assignments.try_fold(self, |config, assignment| config.with(assignment))
    }

    /// A setting by its name; null if there is none.
    pub fn value(&self, key: &str) -> Value {
        let fields = serde_json::to_value(self).unwrap_or_default();
        fields.get(key).cloned().unwrap_or_default()
    }

    /// The names of the settings in which two runs differ, with both values.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let fields = |config| serde_json::to_value(config).unwrap_or_default();
        let (ours, theirs) = (fields(self), fields(other));
        let ours = ours.as_object().into_iter().flatten();
        ours.filter(|(key, value)| theirs.get(key) != Some(value))
            .map(|(key, value)| format!("{key} is {value}, was {}", theirs[key]))
            .collect()
    }

    /// Whether runs with these settings read the same batches, in the same order, of the same hidden states: then
    /// one pass through the backbone serves both.
    pub fn shares_pass(&self, other: &Self) -> bool {
        let fields = |config| serde_json::to_value(config).unwrap_or_default();
        let (ours, theirs) = (fields(self), fields(other));
        let order = |config: &Self| config.order_seed.unwrap_or(config.seed);
        let mut ours = ours.as_object().into_iter().flatten();
        order(self) == order(other)
            && self.pads_to() == other.pads_to()
            && ours.all(|(key, value)| {
                theirs.get(key) == Some(value) || key == "order_seed" || Self::shares_batches(key)
            })
    }

    /// In words, which settings that it must have stored ones lack, and which they have that there
    /// are not.
    pub(crate) fn other_settings(stored: &Value) -> Vec<String> {
        let ours = Self::preset(Preset::Paper, Task::Relation);
        let ours = serde_json::to_value(ours).unwrap_or_default();
        let only = |these: &Value, those: &Value, what: &str| -> Vec<String> {
            let these = these.as_object().into_iter().flatten();
            // None is also what a setting is that may be left out.
            let only = these.filter(|(key, value)| {
                !value.is_null() && !LATER.contains(&key.as_str()) && those.get(key).is_none()
            });
            only.map(|(key, _)| format!("{what} {key}")).collect()
        };
        [only(&ours, stored, "without"), only(stored, &ours, "with")].concat()
    }

    /// Whether runs may differ in this setting and yet read the same batches, of the same hidden
    /// states, at the same steps: what several runs on one pass through the backbone need.
    pub fn shares_batches(key: &str) -> bool {
        let of_a_run = [
            "seed",
            "variant",
            "learning_rate",
            "warmup_steps",
            "lr_scheduler_step",
            "weight_decay",
            "clip_norm",
            "parser_loss",
            "label_loss",
            "link_loss",
            "link_prior",
            "extra_candidates",
        ];
        let parts = ["adam_", "adapter_", "relation_head", "parser", "biaffine_"];
        key != "adapter_pads" // says how wide batches are
            && (of_a_run.contains(&key) || parts.iter().any(|part| key.starts_with(part)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Fuse;

    fn paper() -> Config {
        Config::preset(Preset::Paper, Task::Relation)
    }

    #[test]
    fn settings_are_set_by_name() {
        let config = paper().with("adapter_hidden_size=192").unwrap();
        assert_eq!(config.adapter_hidden_size, 192);
        assert_eq!(
            paper().with("adapter_fuse=add").unwrap().adapter_fuse,
            Fuse::Add
        );
        assert_eq!(
            config.differences(&paper()),
            ["adapter_hidden_size is 192, was 768"]
        );
        let message = |assignment| paper().with(assignment).unwrap_err().to_string();
        assert_eq!(
            message("adapter_hiden_size=1"),
            "--set adapter_hiden_size: no such setting; is it adapter_hidden_size? ktrain settings explains all"
        );
        assert_eq!(
            message("zzz=1"),
            "--set zzz: no such setting; ktrain settings prints and explains all"
        );
        assert_eq!(
            message("adapter_fuse=mul"),
            "--set adapter_fuse=mul: unknown variant `mul`, expected `concat` or `add`"
        );
        assert_eq!(message("x"), "--set x: expected KEY=VALUE");
    }

    #[test]
    fn runs_share_a_pass_where_their_batches_are_the_same() {
        let shares = |one: &str, other: &str| {
            let with = |settings: &str| {
                let settings: Vec<String> = settings.split(' ').map(str::to_owned).collect();
                paper().with_all(&settings).unwrap()
            };
            with(one).shares_pass(&with(other))
        };
        assert!(shares("learning_rate=1e-3", "adapter_layers=1"));
        assert!(!shares("seed=1", "seed=2"));
        assert!(shares("seed=1 order_seed=7", "seed=2 order_seed=7"));
        assert!(!shares("max_length=32", "max_length=40"));
        assert!(shares("variant=adapter", "variant=backbone"));
        let pads = "adapter_pads=attended";
        assert!(!shares(pads, &format!("{pads} variant=backbone")));
    }

    #[test]
    fn files_from_before_a_setting_are_read() {
        let mut stored = serde_json::to_value(paper()).unwrap();
        let fields = stored.as_object_mut().unwrap();
        for setting in LATER {
            fields.remove(setting);
        }
        assert_eq!(Config::other_settings(&stored), [""; 0]);
        assert_eq!(serde_json::from_value::<Config>(stored).unwrap(), paper());
    }
}
