#pragma once
// The number formats a checkpoint was published in.

#include "core/base/number_format.h"
#include "core/model/read_config.h"

namespace moeplan {

struct NativeFormats {
    NumberFormat linear;
    NumberFormat experts;
};

// From torch_dtype/dtype (bf16 when absent) and quantization_config or compression_config.
// A method that is not known is a problem naming the ones that are.
NativeFormats read_native_formats(ConfigReader& text_config, ConfigReader& outer);

}  // namespace moeplan
