//! The reports as pages: whole, escaped, and shown by a browser where there is one.

use quick_xml::events::Event;

use super::*;
use crate::needs::not_run;

/// Names that would be markup, a name too long for its bar, and more relations than bars.
fn awkward() -> Set {
    let documents: Vec<Value> = (0..430).map(|i| document(i, i + 1, i % 3 == 0)).collect();
    let long = "a very long name of a relation ".repeat(4);
    let labels = format!("P1\t<script>alert(\"1\")</script> & co\nP2\t{long}\n");
    Set::build(&documents, &labels, &ALL_IN_TRAIN)
}

/// Every page that a test looks at, with what must stand in it.
fn pages() -> Vec<(String, Vec<String>)> {
    let awkward = awkward();
    let one = Set::build(&[document(1, 17, false)], "", &ALL_IN_TRAIN);
    let dir = tempfile::tempdir().unwrap();
    let heads = dir.path().join("heads");
    let sample = root("data/sample/deps");
    done(&[
        "deps",
        sample.to_str().unwrap(),
        "--out",
        heads.to_str().unwrap(),
        "-q",
    ]);
    let names = (3..431).map(|i| format!("P{i})</td>"));
    let escaped =
        "<td>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; co (P1)</td>".to_owned();
    vec![
        (
            awkward.page(),
            [escaped, "410 others".into()]
                .into_iter()
                .chain(names)
                .collect(),
        ),
        (one.page(), vec!["<td>country (P17)</td>".into()]),
        (
            page(heads.to_str().unwrap(), dir.path()),
            vec!["<td>nsubj</td>".into()],
        ),
    ]
}

#[test]
fn a_page_is_whole_and_needs_nothing_from_elsewhere() {
    for (html, expected) in pages() {
        for text in expected {
            // Properties without a bundled name have no brackets.
            let plain = text.replace(")</td>", "</td>");
            assert!(html.contains(&text) || html.contains(&plain), "no {text}");
        }
        for foreign in ["<script", "<link", "src=", "href=", "@import", "url("] {
            assert!(!html.contains(foreign), "{foreign} in the page");
        }
        // The page is XML, too, but for its first line.
        let (_doctype, xml) = html.split_once('\n').unwrap();
        let mut reader = quick_xml::Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        let mut open = Vec::new();
        let (mut pictures, mut titles) = (0, 0);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) => {
                    let name = tag.name().0.to_owned();
                    pictures += usize::from(name == "svg");
                    titles += usize::from(name == "desc");
                    open.push(name);
                }
                Event::End(tag) => assert_eq!(open.pop().as_deref(), Some(tag.name().0)),
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(open.is_empty(), "{open:?} are not closed");
        assert!(
            pictures >= 6 && titles == pictures,
            "{pictures} pictures, {titles} descriptions"
        );
    }
}

/// Measures a page in a frame as wide as a telephone, all its tables open.
const FRAME: &str = r#"<!DOCTYPE html><body><iframe style="width:390px;height:800px" srcdoc="PAGE"></iframe><script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const page = frame.contentDocument, view = frame.contentWindow;
  page.querySelectorAll("details").forEach(d => d.open = true);
  const fill = view.getComputedStyle(page.querySelector("svg rect[fill='#3F72AF']")).fill;
  const result = [page.documentElement.scrollWidth, page.querySelectorAll("svg").length,
    view.performance.getEntriesByType("resource").length, fill].join(" | ");
  document.body.innerHTML = "<pre>" + result + "</pre>";
};
</script></body>"#;

#[test]
fn a_browser_shows_the_page_on_a_narrow_screen() {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let runs = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
    let Some(browser) = names.iter().find(runs) else {
        return not_run("chromium");
    };
    for (html, _) in pages() {
        let dir = tempfile::tempdir().unwrap();
        let frame = dir.path().join("frame.html");
        let quoted = html.replace('&', "&amp;").replace('"', "&quot;");
        fs::write(&frame, FRAME.replace("PAGE", &quoted)).unwrap();
        let output = Command::new(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ])
            .args(["--virtual-time-budget=5000", "--dump-dom"])
            .arg(format!(
                "--user-data-dir={}",
                dir.path().join("profile").display()
            ))
            .arg(format!("file://{}", frame.display()))
            .output()
            .unwrap();
        let dom = String::from_utf8_lossy(&output.stdout);
        let measured = dom
            .split_once("<pre>")
            .and_then(|(_, rest)| rest.split_once("</pre>"));
        let (measured, _) = measured.unwrap_or_else(|| panic!("not measured: {dom:.2000}"));
        let [width, pictures, requests, fill]: [&str; 4] = measured
            .split(" | ")
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        assert!(width.parse::<u32>().unwrap() <= 390, "{width} pixels wide");
        assert_eq!(
            pictures.parse::<usize>().unwrap(),
            html.matches("<svg ").count()
        );
        assert_eq!(requests, "0", "the page asks for something");
        // The colours come from the page's palette, not from the picture alone.
        assert!(
            fill == "rgb(63, 114, 175)" || fill == "rgb(111, 163, 224)",
            "{fill}"
        );
    }
}
