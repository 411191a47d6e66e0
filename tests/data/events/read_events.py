"""Has TensorBoard read the event file that `ktrain` wrote for `metrics.jsonl`, and prints what it found: for each tag
wall time, step and value.

    pip install tensorboard==2.21.0 setuptools==80.9.0
    python3 read_events.py > scalars.json

`trainer/src/events.rs` tests that ktrain still writes these bytes, and that the numbers are those of `metrics.jsonl`.
"""

import json
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main() -> None:
    events = EventAccumulator(str(Path(__file__).parent / "events.out.tfevents.ktrain"))
    events.Reload()
    scalars = {tag: [[int(e.wall_time), e.step, e.value] for e in events.Scalars(tag)] for tag in sorted(events.Tags()["scalars"])}
    rows = ",\n".join(f"{json.dumps(tag)}: {json.dumps(values)}" for tag, values in scalars.items())
    print(f"{{\n{rows}\n}}")


if __name__ == "__main__":
    main()
