//! ITU-T G.711: telephone samples of 8 bits to and from 16-bit linear ones.

/// Below this all μ-law samples are moved, so that the segments begin at powers of two.
const BIAS: i32 = 0x84;
const CLIP: i32 = 32_635;

pub fn ulaw_decode(byte: u8) -> i16 {
    let bits = !byte;
    let exponent = (bits >> 4) & 7;
    let magnitude = ((i32::from(bits & 0x0f) << 3) + BIAS) << exponent;
    let value = magnitude - BIAS;
    (if bits & 0x80 == 0 { value } else { -value }) as i16
}

pub fn ulaw_encode(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(CLIP) + BIAS;
    let exponent = (31 - magnitude.leading_zeros()).saturating_sub(7);
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !(sign | (exponent as u8) << 4 | mantissa as u8)
}

pub fn alaw_decode(byte: u8) -> i16 {
    let bits = byte ^ 0x55;
    let mantissa = i32::from(bits & 0x0f) << 4;
    let value = match (bits >> 4) & 7 {
        0 => mantissa + 8,
        exponent => (mantissa + 0x108) << (exponent - 1),
    };
    (if bits & 0x80 == 0 { -value } else { value }) as i16
}

pub fn alaw_encode(sample: i16) -> u8 {
    // Negative values are complemented, not negated: so zero and minus one share the smallest step.
    let (sign, magnitude) = if sample < 0 { (0, i32::from(!sample)) } else { (0x80, i32::from(sample)) };
    let bits = match (31 - (magnitude | 1).leading_zeros()).saturating_sub(7) {
        0 => magnitude >> 4,
        exponent => (exponent as i32) << 4 | ((magnitude >> (exponent + 3)) & 0x0f),
    };
    (sign | bits as u8) ^ 0x55
}
