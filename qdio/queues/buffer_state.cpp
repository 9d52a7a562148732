#include "qdio/queues/buffer_state.h"

namespace vmlan::qdio {

std::string_view to_string(BufferState state) noexcept {
  switch (state) {
    case BufferState::input_not_initialized:
      return "input not initialized";
    case BufferState::input_empty:
      return "input empty";
    case BufferState::input_primed:
      return "input primed";
    case BufferState::input_acknowledged:
      return "input acknowledged";
    case BufferState::input_error:
      return "input error";
    case BufferState::input_halted:
      return "input halted";
    case BufferState::output_not_initialized:
      return "output not initialized";
    case BufferState::output_primed:
      return "output primed";
    case BufferState::output_empty:
      return "output empty";
    case BufferState::output_error:
      return "output error";
    case BufferState::output_pending:
      return "output pending";
    case BufferState::output_halted:
      return "output halted";
  }
  return "undefined";
}

}  // namespace vmlan::qdio
