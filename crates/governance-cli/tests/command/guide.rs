//! `docs/guide.md` is true: its commands are run one after the other, and answer what stands there. With
//! `GOVERNANCE_UPDATE_GUIDE` set, what they answer is written there.

use crate::place::Place;
use std::path::Path;
use std::process::Command;

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide.md");

/// A piece of the guide.
enum Piece {
    /// What is not run.
    Text(String),
    /// A command line, which may go over several lines, and what it answers.
    Command { line: String, answer: String },
}

#[test]
fn given_the_guide_when_its_commands_are_run_then_they_answer_what_it_says() {
    let text = std::fs::read_to_string(GUIDE).unwrap();
    let place = Place::with_configuration(first_block(&text, "yaml"));
    let mut written = String::new();
    for piece in pieces(&text) {
        match piece {
            Piece::Text(text) => written.push_str(&text),
            Piece::Command { line, answer } => {
                written.push_str("$ ");
                written.push_str(&line);
                let now = run(&place, &line);
                if masked(&now) == masked(&answer) {
                    // Only times and ids differ.
                    written.push_str(&answer);
                } else {
                    assert!(updating(), "{line}\nanswers\n{now}\nand not\n{answer}");
                    written.push_str(&now);
                }
            }
        }
    }
    if updating() {
        std::fs::write(GUIDE, written).unwrap();
    } else {
        assert_eq!(written, text);
    }
    place.done(&["verify", "--all"]);
}

fn updating() -> bool {
    std::env::var_os("GOVERNANCE_UPDATE_GUIDE").is_some()
}

/// The first block of code in this language.
fn first_block<'a>(text: &'a str, language: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("```{language}\n")).expect("there is such a block");
    rest.split_once("```").expect("the block ends").0
}

/// The guide, taken apart; nothing of it is lost.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut in_console, mut goes_on) = (false, false);
    for line in text.split_inclusive('\n') {
        let fence = line.starts_with("```");
        in_console &= !fence;
        match pieces.last_mut() {
            Some(Piece::Command { line: command, .. }) if goes_on => command.push_str(line),
            _ if in_console && line.starts_with("$ ") => {
                pieces.push(Piece::Command { line: line[2..].to_owned(), answer: String::new() });
            }
            Some(Piece::Command { answer, .. }) if in_console => answer.push_str(line),
            Some(Piece::Text(text)) => text.push_str(line),
            _ => pieces.push(Piece::Text(line.to_owned())),
        }
        let in_command = matches!(pieces.last(), Some(Piece::Command { answer, .. }) if answer.is_empty());
        goes_on = in_command && line.ends_with("\\\n");
        in_console |= fence && line.trim_end() == "```console";
    }
    pieces
}

/// What a shell shows of it.
fn run(place: &Place, line: &str) -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_governance")).parent().expect("the command is in a folder");
    let mut shell = Command::new("sh");
    let of_place = place.command();
    shell.current_dir(of_place.get_current_dir().expect("a place is a folder"));
    for (name, value) in of_place.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let path = std::env::var("PATH").unwrap_or_default();
    shell.env("PATH", format!("{}:{path}", folder.display()));
    let output = shell.args(["-c", &format!("exec 2>&1\n{line}")]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The text with every id and every time as one word.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || "-:.".contains(letter);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|letter| is_of_word(letter) != is_of_word(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let core = word.trim_end_matches(['.', ':']);
        masked.push_str(if is_id(core) {
            "ID"
        } else if is_time(core) {
            "TIME"
        } else {
            core
        });
        masked.push_str(&word[core.len()..]);
        rest = after;
    }
    masked
}

fn is_id(word: &str) -> bool {
    word.len() == 36 && word.chars().filter(|letter| *letter == '-').count() == 4
}

fn is_time(word: &str) -> bool {
    word.len() == 27 && word.ends_with('Z') && word.as_bytes()[10] == b'T'
}
