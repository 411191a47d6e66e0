//! A model as it is used: nothing of it is trained any more, so its parameters are in memory once.

use std::path::Path;
use std::rc::Rc;

use tch::{Device, Kind, Tensor};

use crate::Result;
use crate::config::Config;
use crate::data::batch::Batch;
use crate::files::weights;
use crate::model::backbone::Backbone;
use crate::model::frozen::Frozen;
use crate::model::fusion::Joint;
use crate::model::heads::{self, Head};
use crate::model::knowledge::Knowledge;
use crate::model::params::Params;
use crate::model::task_model;
use crate::train::identity::BackboneIdentity;
use crate::train::paths::Paths;

/// The tuned backbone, the adapters on it, and the head.
pub(super) struct Network {
    frozen: Frozen,
    knowledge: Vec<Rc<Knowledge>>,
    joint: Joint,
    head: Head,
    kind: Kind,
}

impl Network {
    /// Loads it from the folder of a run with these settings, which started from the backbone `from`.
    ///
    /// # Errors
    /// What reading the files fails with.
    pub(super) fn load(
        paths: &Paths,
        config: &Config,
        from: &BackboneIdentity,
        classes: usize,
        device: Device,
    ) -> Result<Self> {
        let kind = config.precision.kind();
        let backbone = Backbone::load(&paths.backbone(), device, kind)?;
        let shape = backbone.config();
        let layers = shape.num_hidden_layers;
        // Their values are those of the file; the seed is of no account.
        let specs = task_model::specs(config, shape.hidden_size, classes);
        let params = Params::new(specs, 0, device);
        let (prefix, heads) = (task_model::prefix(config.task), paths.heads());
        let (found, _) = weights::read(&heads)?;
        let matched = weights::match_strictly(&heads, found, &params.expected(&prefix), |_| false)?;
        params.fill(params.flat(), &prefix, &matched);
        let adapters = 0..config.adapters.unwrap_or(0);
        let knowledge =
            adapters.map(|i| Ok(Rc::new(Knowledge::load(&paths.fused(i), from, device)?)));
        let knowledge = knowledge.collect::<Result<Vec<_>>>()?;
        let read = knowledge.iter().flat_map(|one| one.points.iter().copied());
        Ok(Self {
            frozen: Frozen {
                points: read.chain([layers]).collect(),
                counts_pads: config.pads_to().is_some(),
                backbone: Rc::new(backbone),
            },
            joint: Joint::new(config, &params)?,
            head: Head::new(config, &params)?,
            knowledge,
            kind,
        })
    }

    /// An adapter that was trained on relations, with its head, on the backbone in a folder.
    ///
    /// # Errors
    /// What [`Knowledge::load`] says, and reading the files fails with.
    pub(super) fn of_adapter(
        paths: &Paths,
        config: &Config,
        (dir, identity): (&Path, &BackboneIdentity),
        classes: usize,
        device: Device,
    ) -> Result<Self> {
        let kind = config.precision.kind();
        let backbone = Backbone::load(dir, device, kind)?;
        let knowledge = Knowledge::load(&paths.dir, identity, device)?;
        let (hidden, file) = (identity.hidden_size, paths.adapter());
        let specs = heads::specs(config, hidden, 2 * hidden, classes as i64);
        let params = Params::new(specs, 0, device); // their values are those of the file
        let (found, _) = weights::read(&file)?;
        let expected = params.expected("");
        let matched =
            weights::match_strictly(&file, found, &expected, |name| !heads::is_head(name))?;
        params.fill(params.flat(), "", &matched);
        Ok(Self {
            frozen: Frozen {
                points: knowledge
                    .points
                    .iter()
                    .copied()
                    .chain([identity.layers])
                    .collect(),
                counts_pads: config.pads_to().is_some(),
                backbone: Rc::new(backbone),
            },
            joint: Joint::Concat,
            head: Head::new(config, &params)?,
            knowledge: vec![Rc::new(knowledge)],
            kind,
        })
    }

    /// The device it lies on.
    pub(super) fn device(&self) -> Device {
        self.frozen.backbone.device()
    }

    /// What its head says of a batch, without a graph.
    pub(super) fn logits(&self, batch: &Batch) -> Tensor {
        let _guard = tch::no_grad_guard();
        let states = self.frozen.states(batch);
        let places_n = self.head.reads(&batch.targets);
        let last = self.frozen.backbone.config().num_hidden_layers;
        let features = self.joint.of_states(
            &states,
            last,
            &self.knowledge,
            batch.mask_bt.as_ref(),
            places_n,
            self.kind,
        );
        self.head.logits(&features, batch, false)
    }
}
