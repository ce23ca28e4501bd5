// Uploads one picture to Tintype and prints a link to it. Node 18 or newer, no packages.
//
//   node examples/upload.mjs picture.jpg [http://127.0.0.1:8080]
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";

const TYPES = {
  ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
  ".gif": "image/gif", ".avif": "image/avif", ".heic": "image/heic", ".heif": "image/heif",
};

// The answer's JSON, or an error with the problem's sentence.
async function call(url, options) {
  const response = await fetch(url, options);
  const body = await response.json();
  if (!response.ok) throw new Error(`${body.code}: ${body.detail}`);
  return body;
}

async function upload(server, path, userId = "demo") {
  const bytes = await readFile(path);
  const ticket = await call(`${server}/images`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      filename: basename(path),
      content_type: TYPES[extname(path).toLowerCase()] ?? "image/jpeg",
      size: bytes.length,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      user_id: userId,
      tags: ["example"],
    }),
  });
  if (ticket.duplicate) return ticket.image ?? ticket; // this user has the same bytes already

  // The URL is signed for exactly these headers.
  const stored = await fetch(ticket.upload_url, {
    method: ticket.upload_method,
    headers: ticket.upload_headers,
    body: bytes,
  });
  if (!stored.ok) throw new Error(`upload refused: ${await stored.text()}`);
  return call(`${server}/images/${ticket.image_id}/complete`, { method: "POST" });
}

const [path, server = "http://127.0.0.1:8080"] = process.argv.slice(2);
if (!path) {
  console.error("usage: node examples/upload.mjs picture.jpg [server]");
  process.exit(2);
}
try {
  const image = await upload(server, path);
  if (image.status !== "active") throw new Error(image.failure.detail);
  const link = await call(`${server}/images/${image.image_id}/download`);
  console.log(`${image.filename}: ${image.width}x${image.height}, ${image.size} bytes`);
  console.log(link.download_url);
} catch (error) {
  console.error(`failed: ${error.message}`);
  process.exit(1);
}
