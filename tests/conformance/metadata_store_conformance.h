// What every MetadataStore must do, sentence by sentence of ports/metadata_store.h. An adapter's
// test includes this header in one file and names itself:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, MetadataStoreTest, ::testing::Values(MetadataStoreFactory{
//       "memory", [] { return std::make_shared<MemoryMetadataStore>(); }}), factory_name);
#pragma once

#include "conformance/metadata_ledger_conformance.h"
#include "conformance/metadata_lists_conformance.h"
#include "conformance/metadata_records_conformance.h"
