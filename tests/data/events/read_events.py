"""Has TensorBoard read the event file that `ktrain` wrote for `metrics.jsonl`, and prints what it found: for each tag
wall time, step and value, and the settings that its plugin of hyperparameters reads.

    pip install tensorboard==2.21.0 setuptools==80.9.0
    python3 read_events.py > scalars.json

`trainer/src/report/tensorboard.rs` tests that ktrain still writes these bytes, and that the numbers are those of `metrics.jsonl`.
"""

import json
from pathlib import Path

from google.protobuf.json_format import MessageToDict
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData


def main() -> None:
    events = EventAccumulator(str(Path(__file__).parent / "events.out.tfevents.ktrain"))
    events.Reload()
    scalars = {tag: [[int(e.wall_time), e.step, e.value] for e in events.Scalars(tag)] for tag in sorted(events.Tags()["scalars"])}
    start = HParamsPluginData.FromString(events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content)
    scalars["hparams"] = MessageToDict(start)["sessionStartInfo"]["hparams"]
    rows = ",\n".join(f"{json.dumps(tag)}: {json.dumps(values)}" for tag, values in scalars.items())
    print(f"{{\n{rows}\n}}")


if __name__ == "__main__":
    main()
