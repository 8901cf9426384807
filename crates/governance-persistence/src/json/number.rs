//! Numbers in canonical JSON: integers exactly, doubles as ECMAScript writes them.

use serde_json::Number;
use std::fmt::Write;

/// Appends `number` in canonical form.
///
/// Integers of i64 and u64 are written digit by digit. Everything else is a finite double and
/// follows ECMA-262, `Number::toString`, as RFC 8785 section 3.2.2.3 asks: the shortest digits
/// that read back as the same double, plain up to 21 places before and 6 zeros after the point,
/// with an exponent beyond.
pub(super) fn write(out: &mut String, number: &Number) {
    // Writing to a String cannot fail.
    let _ = if let Some(integer) = number.as_u64() {
        write!(out, "{integer}")
    } else if let Some(integer) = number.as_i64() {
        write!(out, "{integer}")
    } else {
        write_double(out, number.as_f64().unwrap_or(0.0))
    };
}

fn write_double(out: &mut String, double: f64) -> std::fmt::Result {
    if double == 0.0 {
        out.push('0'); // also for -0
        return Ok(());
    }
    let (digits, point) = shortest_digits(double.abs());
    let count = digits.len();
    if double < 0.0 {
        out.push('-');
    }
    match usize::try_from(point) {
        Ok(point @ 1..=21) if count <= point => write!(out, "{digits:0<point$}"),
        Ok(point @ 1..=21) => write!(out, "{}.{}", &digits[..point], &digits[point..]),
        _ if (-5..=0).contains(&point) => {
            write!(out, "0.{:0>width$}", digits, width = count + point.unsigned_abs() as usize)
        }
        _ => {
            out.push_str(&digits[..1]);
            if count > 1 {
                write!(out, ".{}", &digits[1..])?;
            }
            write!(out, "e{:+}", point - 1)
        }
    }
}

/// The shortest digits that read back as this positive double, and how many of them stand before
/// the decimal point; ECMA-262's `s` and `n`. They come from serde_json, which of two equally
/// short and close candidates takes the even one, as ECMA-262 wants; Rust's own `{:e}` does not.
fn shortest_digits(double: f64) -> (String, i32) {
    let text = Number::from_f64(double).map(|number| number.to_string()).unwrap_or_default();
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_start_matches('0');
    let leading_zeros = all.len() - significant.len();
    let point = whole.len() as i32 - leading_zeros as i32 + exponent.parse().unwrap_or(0);
    (significant.trim_end_matches('0').to_owned(), point)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_bits(bits: u64) -> String {
        let mut out = String::new();
        write_double(&mut out, f64::from_bits(bits)).unwrap();
        out
    }

    /// The test vectors of RFC 8785, appendix B.
    #[test]
    fn rfc_8785_appendix_b() {
        for (bits, expected) in [
            (0x0000_0000_0000_0000, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"),
            (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            assert_eq!(of_bits(bits), expected, "{bits:016x}");
        }
    }

    #[test]
    fn integers_are_exact_to_the_last_digit() {
        for integer in [u64::MAX, 9_007_199_254_740_993, 0] {
            let mut out = String::new();
            write(&mut out, &integer.into());
            assert_eq!(out, integer.to_string());
        }
        let mut out = String::new();
        write(&mut out, &i64::MIN.into());
        assert_eq!(out, i64::MIN.to_string());
    }
}
