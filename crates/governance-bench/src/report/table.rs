//! Rows for people.

use crate::measure::{Row, Target};
use anyhow::Result;
use comfy_table::{CellAlignment, Table, presets::UTF8_FULL_CONDENSED};

/// Tables, on standard output.
pub(crate) fn table(rows: &[Row]) -> Result<()> {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header([
        "Engine",
        "Workload",
        "At once",
        "Ours/s",
        "Limit/s",
        "Ratio",
        "Floor / goal",
        "p50 µs",
        "p99 µs",
        "Against",
    ]);
    for row in rows {
        table.add_row([
            row.engine.to_owned(),
            row.workload.clone(),
            row.concurrency.to_string(),
            format!("{:.0}", row.ours_per_s),
            format!("{:.0}", row.limit_per_s),
            format!("{:.2}", row.ratio),
            row.target.map(|target| verdict(row.ratio, target)).unwrap_or_default(),
            format!("{:.1}", row.p50_us),
            format!("{:.1}", row.p99_us),
            row.against.clone(),
        ]);
    }
    for figures in 2..=8 {
        if let Some(column) = table.column_mut(figures) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    println!("{table}");
    for row in rows {
        if let Some(bytes) = row.peak_bytes {
            println!(
                "{}, {}: at most {:.1} MiB of memory",
                row.engine,
                row.workload,
                bytes as f64 / f64::from(1 << 20)
            );
        }
    }
    Ok(())
}

fn verdict(ratio: f64, Target { floor, goal }: Target) -> String {
    let mark = if ratio >= goal {
        "✓"
    } else if ratio >= floor {
        "≥"
    } else {
        "✗"
    };
    format!("{floor:.2} / {goal:.2} {mark}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_target_then_the_mark_tells_floor_and_goal_apart() {
        let target = Target { floor: 0.8, goal: 0.9 };
        assert_eq!(verdict(0.79, target), "0.80 / 0.90 ✗");
        assert_eq!(verdict(0.80, target), "0.80 / 0.90 ≥");
        assert_eq!(verdict(0.95, target), "0.80 / 0.90 ✓");
    }
}
