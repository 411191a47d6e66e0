//! Files with a vector for each entity: safetensors, word2vec's text, and the pair of files that `OpenKE` and ERNIE
//! have.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

use tch::{Kind, Tensor};

use crate::files::weights::{self, Named};
use crate::{Error, Result};

/// The numbered ids that lie beside `OpenKE`'s and ERNIE's vectors: their number, then `id<TAB>number` a line.
const IDS: &str = "entity2id.txt";

/// The vectors of these entities, n × d in fp32. One that the file lacks has the vector 0. `table` are the entities in the
/// order of the dataset's table, which is that of vectors without ids.
///
/// # Errors
/// [`Error::Io`], [`Error::Weights`]; [`Error::Unfit`] for a line that is no vector, and for a file with none of the
/// entities.
pub fn read(path: &Path, ids: &[String], table: &[String]) -> Result<Tensor> {
    let vectors = if path.extension().is_some_and(|ext| ext == "safetensors") {
        of_safetensors(path, table)?
    } else {
        of_text(path)?
    };
    let width = vectors.values().next().map_or(0, Vec::len);
    let unfit = |reason: String| Error::Unfit {
        path: path.to_owned(),
        reason,
    };
    if let Some((id, _)) = vectors.iter().find(|(_, one)| one.len() != width) {
        return Err(unfit(format!(
            "the vector of {id} is not of {width} numbers"
        )));
    }
    if !ids.iter().any(|id| vectors.contains_key(id)) {
        return Err(unfit(format!(
            "{} vectors, but none of the dataset's {} entities",
            vectors.len(),
            ids.len()
        )));
    }
    let none = vec![0.0f32; width];
    let all = ids.iter().flat_map(|id| vectors.get(id).unwrap_or(&none));
    let all: Vec<f32> = all.copied().collect();
    Ok(Tensor::from_slice(&all).view([ids.len() as i64, width as i64]))
}

/// Writes vectors, n × d, with the ids of their entities.
///
/// # Errors
/// [`Error::Io`], [`Error::Torch`].
pub fn write(path: &Path, ids: &[String], vector_nd: &Tensor) -> Result<()> {
    let lines = Tensor::from_slice(ids.join("\n").as_bytes());
    let named = Named::from([
        ("ids".to_owned(), lines),
        ("vectors".to_owned(), vector_nd.to_kind(Kind::Float)),
    ]);
    weights::write(path, &named, &[])
}

/// The tensor `vectors`, n × d, and `ids`, the lines of a text with an id each; without these, in the order of `table`.
fn of_safetensors(path: &Path, table: &[String]) -> Result<BTreeMap<String, Vec<f32>>> {
    let (named, _) = weights::read(path)?;
    let unfit = |reason: &str| Error::Unfit {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let vectors = named.get("vectors");
    let vectors = vectors.ok_or_else(|| unfit("expected the tensor vectors"))?;
    let lines = match named.get("ids") {
        Some(ids) => {
            let text = String::from_utf8(Vec::<u8>::try_from(ids)?);
            text.map_err(|_| unfit("the ids are no UTF-8"))?
        }
        None => table.join("\n"),
    };
    let ids: Vec<&str> = lines.lines().collect();
    let [n, width] = vectors.size()[..] else {
        return Err(unfit("expected vectors of two dimensions"));
    };
    if ids.len() as i64 != n || width == 0 {
        return Err(unfit("expected a vector for each id"));
    }
    let numbers = Vec::<f32>::try_from(vectors.to_kind(Kind::Float).flatten(0, 1))?;
    let vectors = numbers.chunks(width as usize).map(<[f32]>::to_vec);
    Ok(ids.iter().map(|&id| id.to_owned()).zip(vectors).collect())
}

/// A vector a line: behind its id, or without one where [`IDS`] is beside the file. A first line of two numbers is a
/// heading.
fn of_text(path: &Path) -> Result<BTreeMap<String, Vec<f32>>> {
    let beside = path.with_file_name(IDS);
    let numbered = beside.is_file().then(|| ids(&beside)).transpose()?;
    let mut all = BTreeMap::new();
    let file = BufReader::new(File::open(path).map_err(Error::io(path))?);
    let mut row = 0;
    for (number, line) in (1..).zip(file.lines()) {
        let line = line.map_err(Error::io(path))?;
        let mut parts: Vec<&str> = line.split_whitespace().collect();
        if parts.is_empty() || (number == 1 && parts.len() == 2 && numbered.is_none()) {
            continue;
        }
        let id = match &numbered {
            Some(ids) => ids.get(&row).cloned(),
            None => Some(parts.remove(0).to_owned()),
        };
        let vector: Option<Vec<f32>> = parts.iter().map(|part| part.parse().ok()).collect();
        let (Some(id), Some(vector)) = (id, vector) else {
            return Err(Error::Unfit {
                path: path.to_owned(),
                reason: format!("line {number}: expected an id and the numbers of its vector"),
            });
        };
        all.insert(id, vector);
        row += 1;
    }
    Ok(all)
}

/// Ids by number.
fn ids(path: &Path) -> Result<BTreeMap<usize, String>> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    let lines = text.lines().filter_map(|line| {
        let (id, number) = line.split_once(char::is_whitespace)?;
        Some((number.trim().parse().ok()?, id.to_owned()))
    });
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::tempdir;

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    fn numbers(vectors: &Tensor) -> Vec<f32> {
        Vec::try_from(vectors.flatten(0, 1)).unwrap()
    }

    #[test]
    fn three_kinds_of_files_give_the_same_vectors() {
        let dir = tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        };
        let wanted = ids(&["Q2", "Q9", "Q1"]);
        let expected = [3.0, 4.0, 0.0, 0.0, 1.0, 2.0];
        let text = file("words.txt", "2 2\nQ1 1 2\nQ2 3 4\n");
        assert_eq!(numbers(&read(&text, &wanted, &[]).unwrap()), expected);
        file("ernie/entity2id.txt", "2\nQ1\t0\nQ2\t1\n");
        let ernie = file("ernie/entity2vec.vec", "1\t2\t\n3\t4\t\n");
        assert_eq!(numbers(&read(&ernie, &wanted, &[]).unwrap()), expected);
        let safetensors = dir.path().join("e.safetensors");
        let vectors = Tensor::from_slice(&[1.0f32, 2.0, 3.0, 4.0]).view([2, 2]);
        write(&safetensors, &ids(&["Q1", "Q2"]), &vectors).unwrap();
        assert_eq!(
            numbers(&read(&safetensors, &wanted, &[]).unwrap()),
            expected
        );
        let named = Named::from([("vectors".to_owned(), vectors)]);
        weights::write(&safetensors, &named, &[]).unwrap();
        let found = read(&safetensors, &wanted, &ids(&["Q1", "Q2"])).unwrap();
        assert_eq!(numbers(&found), expected);
        let message = read(&text, &ids(&["Q9"]), &[]).unwrap_err().to_string();
        assert!(
            message.ends_with("2 vectors, but none of the dataset's 1 entities"),
            "{message}"
        );
        let bad = file("bad.txt", "Q1 1 2\nQ2 3 x\n");
        let message = read(&bad, &wanted, &[]).unwrap_err().to_string();
        assert!(message.contains("line 2: expected an id"), "{message}");
    }
}
