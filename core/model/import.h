#pragma once
// Models from files. Import follows the keys of a config, not the model's name; what cannot be placed is
// refused.

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/model_spec.h"

namespace moeplan {

// A Hugging Face config.json. `name` is used in messages and as the id.
// Errors: not JSON (with line), larger than 16 MiB, a required key missing or of the wrong type or not
// positive, keys that change sizes and are not understood (all named).
Result<ModelSpec> import_config_json(std::string_view text, const std::string& name);
Result<ModelSpec> import_config_file(const std::string& path);

// A .gguf: metadata and tensor table only, never the weights. Exact bytes per tensor class.
// Errors: not GGUF, version, truncated (says where), absurd counts, unknown architecture or tensor type.
Result<ModelSpec> import_gguf_file(const std::string& path);
Result<ModelSpec> import_gguf_bytes(std::string_view bytes, const std::string& name);

}  // namespace moeplan
