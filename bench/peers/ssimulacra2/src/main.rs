//! Scores pictures with SSIMULACRA2: 100 is equal, 90 not to be told apart, 70 good, 50 medium.
//!
//! Usage: tintype-ssimulacra2 [REFERENCE.png DISTORTED.png]...
//! Without arguments each line of the standard input names a pair, separated by a tab. One line is
//! printed (and flushed) per pair: the score, a tab, the distorted file. A pair that cannot be
//! scored prints "nan", says why on the standard error, and makes the exit status 1.
//! Pixels are taken as sRGB; profiles are not applied.

use ssimulacra2::{compute_frame_ssimulacra2, ColorPrimaries, Rgb, TransferCharacteristic};
use std::error::Error;
use std::io::{BufRead, BufReader, Write};

struct Picture {
    width: usize,
    height: usize,
    rgba: Vec<[f32; 4]>,
}

fn read_png(path: &str) -> Result<Picture, Box<dyn Error>> {
    let file = std::fs::File::open(path).map_err(|e| format!("{path}: {e}"))?;
    let mut decoder = png::Decoder::new(BufReader::new(file));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info()?;
    let size = reader.output_buffer_size().ok_or("too large")?;
    let mut bytes = vec![0; size];
    let info = reader.next_frame(&mut bytes)?;
    bytes.truncate(info.buffer_size());
    let samples: Vec<f32> = match info.bit_depth {
        png::BitDepth::Sixteen => {
            let pairs = bytes.chunks_exact(2);
            pairs
                .map(|b| f32::from(u16::from_be_bytes([b[0], b[1]])) / 65535.0)
                .collect()
        }
        _ => bytes.iter().map(|b| f32::from(*b) / 255.0).collect(),
    };
    let channels = info.color_type.samples();
    let rgba = samples.chunks_exact(channels).map(|s| match s {
        [grey] => [*grey, *grey, *grey, 1.0],
        [grey, alpha] => [*grey, *grey, *grey, *alpha],
        [r, g, b] => [*r, *g, *b, 1.0],
        _ => [s[0], s[1], s[2], s[3]],
    });
    Ok(Picture {
        width: info.width as usize,
        height: info.height as usize,
        rgba: rgba.collect(),
    })
}

fn is_opaque(picture: &Picture) -> bool {
    picture.rgba.iter().all(|pixel| pixel[3] == 1.0)
}

fn flattened(picture: &Picture, background: f32) -> Result<Rgb, Box<dyn Error>> {
    let blend = |c: f32, alpha: f32| c * alpha + background * (1.0 - alpha);
    let pixels = picture
        .rgba
        .iter()
        .map(|p| [0, 1, 2].map(|i| blend(p[i], p[3])))
        .collect();
    let (transfer, primaries) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
    Ok(Rgb::new(
        pixels,
        picture.width,
        picture.height,
        transfer,
        primaries,
    )?)
}

// Transparent pictures are scored on dark and on light grey and get the worse of the two, as the
// metric's own tool does.
fn score(reference: &str, distorted: &str) -> Result<f64, Box<dyn Error>> {
    let (reference, distorted) = (read_png(reference)?, read_png(distorted)?);
    if (reference.width, reference.height) != (distorted.width, distorted.height) {
        return Err(format!(
            "sizes differ: {}x{} and {}x{}",
            reference.width, reference.height, distorted.width, distorted.height
        )
        .into());
    }
    let opaque = is_opaque(&reference) && is_opaque(&distorted);
    let backgrounds: &[f32] = if opaque { &[0.5] } else { &[0.1, 0.9] };
    let mut worst = f64::INFINITY;
    for background in backgrounds {
        let pair = (
            flattened(&reference, *background)?,
            flattened(&distorted, *background)?,
        );
        worst = worst.min(compute_frame_ssimulacra2(pair.0, pair.1)?);
    }
    Ok(worst)
}

fn print_score(reference: &str, distorted: &str) -> bool {
    let result = score(reference, distorted);
    match &result {
        Ok(value) => println!("{value:.4}\t{distorted}"),
        Err(reason) => {
            eprintln!("{reference} and {distorted}: {reason}");
            println!("nan\t{distorted}");
        }
    }
    std::io::stdout().flush().is_ok() && result.is_ok()
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut all_good = arguments.len() % 2 == 0;
    for pair in arguments.chunks_exact(2) {
        all_good &= print_score(&pair[0], &pair[1]);
    }
    if arguments.is_empty() {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            match line.split_once('\t') {
                Some((reference, distorted)) => all_good &= print_score(reference, distorted),
                None => all_good &= print_score(&line, ""),
            }
        }
    }
    std::process::exit(i32::from(!all_good));
}
