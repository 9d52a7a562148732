#include "qdio/data_queues.h"
