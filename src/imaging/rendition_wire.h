// How wishes for pictures and the pictures made travel between the pool and a worker.
//
// Both directions are read as hostile: a worker may have been taken over by a file, and what the
// worker is told is small enough to be checked again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/rendition_spec.h"
#include "imaging/wire.h"
#include "imaging/worker_protocol.h"

namespace tintype {

// The payload of JobKind::examine (0 to kMaxRenditionsAtOnce specs) and of JobKind::render (at
// least one).
struct RenderWishes {
  RenderPolicy policy;
  std::vector<RenditionSpec> specs;
};
std::string encode_render_wishes(const RenderWishes& wishes);
// Errors: `invalid` for anything that no spec can be.
Result<RenderWishes> decode_render_wishes(std::string_view payload);

// The answer to JobKind::render.
std::string encode_render_answer(const std::vector<RenderedFile>& files);
Result<std::vector<RenderedFile>> decode_render_answer(std::string_view payload);

// The same list inside another message.
void write_rendered(WireWriter& out, const std::vector<RenderedFile>& files);
std::vector<RenderedFile> read_rendered(WireReader& in);

}  // namespace tintype
