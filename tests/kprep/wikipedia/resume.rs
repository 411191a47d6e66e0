//! Runs that were killed, and go on.

use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use kprep_schemas::PROGRESS;
use tempfile::TempDir;

use super::folder::files;
use super::{kprep, stderr};

/// A dump with these pages. Every hundredth title comes twice, in parts far from each other; every
/// fiftieth page is a redirect.
fn dump(pages: Range<usize>) -> String {
    let mut text = String::from("<mediawiki>");
    for i in pages {
        let sentence = format!("[[Page {}|Dr. {i}]] is no. {i} of them. ", i + 1).repeat(30);
        let title = if i % 100 == 0 { i / 200 * 100 } else { i };
        if i % 50 == 25 {
            let _ = writeln!(
                text,
                "<page><title>Redirect {i}</title><ns>0</ns><id>{i}</id><redirect title=\"Page {}\" />\
                 <revision><id>1</id><text></text></revision></page>",
                i + 1
            );
            continue;
        }
        let revision = format!("<revision><id>1</id><text>{sentence}</text></revision>");
        let _ = writeln!(
            text,
            "<page><title>Page {title}</title><ns>0</ns><id>{i}</id>{revision}</page>"
        );
    }
    text + "</mediawiki>"
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("long.xml");
    fs::write(&path, dump(0..12_000)).unwrap();
    let [whole, killed] = ["whole", "killed"].map(|name| dir.path().join(name).join("wikipedia"));
    let args = ["--part-bytes", "1000000", "--quiet"];
    let output = kprep(&path, &whole, &args);
    assert!(output.status.success(), "{}", stderr(&output));

    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kprep"));
    command
        .arg("wikipedia")
        .arg(&path)
        .arg("--out")
        .arg(&killed)
        .args(args);
    let mut child = command.spawn().unwrap();
    let progress = killed.with_file_name(".wikipedia.partial").join(PROGRESS);
    while !progress.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!killed.exists(), "it was done before it could be killed");
    let output = kprep(
        &path,
        &killed,
        &["--part-bytes", "1000000", "--resume", "--threads", "1"],
    );
    assert!(
        stderr(&output).contains("resuming after part "),
        "{}",
        stderr(&output)
    );
    assert!(files(&killed) == files(&whole));
}

#[test]
fn an_archive_of_several_files_goes_on_in_the_file_that_it_was_in() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("dumps.zip");
    let mut archive = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    // The second is shorter than a part; each breaks off before its last tag.
    for (name, pages) in [("a", 0..2_000), ("b", 2_000..2_010), ("c", 2_010..4_000)] {
        archive.start_file(format!("{name}.xml"), options).unwrap();
        let text = dump(pages).replace("</mediawiki>", "");
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap();
    let [whole, cut] = ["whole", "cut"].map(|name| dir.path().join(name).join("wikipedia"));
    let allowing = |errors| ["--part-bytes", "500000", "--max-errors", errors];
    assert_eq!(kprep(&path, &whole, &allowing("3")).status.code(), Some(0));
    let funnel = |out: &Path| fs::read_to_string(out.join("pages/manifest.json")).unwrap();
    assert!(funnel(&whole).contains("4000"));

    // Cut off in its last file, behind two of its three errors.
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_kprep"));
    child
        .arg("wikipedia")
        .arg(&path)
        .arg("--out")
        .arg(&cut)
        .args(allowing("3"))
        .arg("--quiet");
    let mut child = child.spawn().unwrap();
    let progress = cut.with_file_name(".wikipedia.partial").join(PROGRESS);
    let in_last = || fs::read_to_string(&progress).is_ok_and(|text| text.contains("\"input\": 2"));
    while !in_last() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!cut.exists(), "it was done before it could be killed");
    let resume = [&allowing("3")[..], &["--resume"]].concat();
    let output = kprep(&path, &cut, &resume);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(files(&cut) == files(&whole));
}
