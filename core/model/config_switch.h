#pragma once
// Switch Transformers: an encoder-decoder with T5's keys.

#include "core/model/config_layers.h"

namespace moeplan {

// Fills hidden, vocab, layers, encoder and position_parameters of `model`.
// Source: huggingface/transformers configuration_ and modeling_switch_transformers.py.
void read_switch(ConfigReader& keys, const Family& family, ModelSpec& model);

}  // namespace moeplan
