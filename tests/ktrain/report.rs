//! `ktrain report`: the page of a run.

use std::fs;
use std::process::Command;

use crate::datasets::backbone;
use crate::util::{fail, ktrain, shards, succeed};

#[test]
fn a_page_shows_curves_runs_and_what_is_right_and_wrong() {
    let dir = shards();
    let runs = ["--only", "rc", "--max-steps", "30", "--eval-every", "10"];
    succeed(ktrain(dir.path()).args(runs));
    succeed(
        ktrain(dir.path())
            .args(runs)
            .args(["--variant", "backbone"]),
    );
    let report = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ktrain"));
        command.current_dir(dir.path()).arg("report").args(args);
        command.args(["--html", "run.html", "--backbone"]);
        command.arg(backbone("bert-tiny"));
        command
    };
    succeed(&mut report(&["runs/rc", "--data", "shards/rc"]));
    let page = fs::read_to_string(dir.path().join("run.html")).unwrap();
    for part in [
        "<h1>rc: knowledge adapter on bert-tiny</h1>",
        "<h2>Training loss</h2>",
        "<h2>Validation</h2>",
        "<h2>Compared with other runs</h2>",
        "<td>rc-backbone</td>",
        "<h2>What is taken for what</h2>",
        "<h2>Each class</h2>",
        "<h2>Right</h2>",
        "<h2>Wrong</h2>",
        "[subject ",
        "% sure",
    ] {
        assert!(page.contains(part), "no {part}: {page:.3000}");
    }
    for foreign in ["<script", "<link", "src=", "href=", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign} in the page");
    }
    // The heat map counts the rows of the test split, and its diagonal those that are right.
    let test = page.matches("class=\"heat\"").count();
    assert!(test > 0, "no counts");

    // Without the dataset, and of the folder above.
    succeed(&mut report(&["runs"]));
    let page = fs::read_to_string(dir.path().join("run.html")).unwrap();
    assert!(page.contains("<h2>Runs</h2>") && !page.contains("<h2>Wrong</h2>"));
    assert!(
        fail(&mut report(&["runs/rc", "--data", "shards/more/deps"]))
            .contains("not the dataset of the run, which is rc")
    );
    assert!(
        fail(&mut report(&["shards"])).contains("shards: no finished run is there or below it")
    );

    // Scores of different datasets are no table.
    succeed(ktrain(dir.path()).args(["--only", "deps", "--max-steps", "1"]));
    let message = fail(&mut report(&["runs"]));
    assert!(
        message.contains("runs holds runs on 2 datasets (deps, rc)")
            && message.contains("as in runs/deps or runs/rc"),
        "{message}"
    );
    succeed(&mut report(&["runs/deps"]));

    // Runs are named by what tells their folders apart.
    let other = ["--only", "rc", "--max-steps", "5", "--out", "other"];
    succeed(ktrain(dir.path()).args(other));
    succeed(&mut report(&["other/rc", "runs/rc", "runs/rc-backbone"]));
    let page = fs::read_to_string(dir.path().join("run.html")).unwrap();
    for name in ["other/rc", "runs/rc", "runs/rc-backbone"] {
        assert!(page.contains(&format!("<td>{name}</td>")), "no {name}");
    }
    let message = fail(&mut report(&["runs/rc", "runs/deps"]));
    assert!(
        message.contains("the command names runs on 2 datasets (deps, rc)"),
        "{message}"
    );
    assert!(fail(&mut report(&["runs/rc", "runs/rc/."])).contains("is named twice"));
}

#[test]
fn pictures_have_axes_points_and_colours_for_the_dark() {
    let dir = shards();
    let runs = ["--only", "rc", "--max-steps", "20", "--eval-every", "10"];
    succeed(ktrain(dir.path()).args(runs).args(["--seeds", "1,2"]));
    let all = dir.path().join("runs/rc-seeds");
    let curve = fs::read_to_string(all.join("seed-1/training/curve.svg")).unwrap();
    for part in [
        "prefers-color-scheme: dark",
        ">\nstep\n",
        ">\ntraining loss\n",
        ">\naccuracy in %\n",
        ">\nmajority\n",
        "<circle",
    ] {
        assert!(curve.contains(part), "no {part:?}: {curve}");
    }
    let bars = fs::read_to_string(all.join("rows.svg")).unwrap();
    for part in ["prefers-color-scheme: dark", " ± ", "majority "] {
        assert!(bars.contains(part), "no {part:?}: {bars}");
    }
}
