# Flags shared by every target, and the two functions that declare a module and its tests.

find_program(TINTYPE_CCACHE ccache)
if(TINTYPE_CCACHE)
  # ccache serves files with a precompiled header only when told that their defines and times do not
  # matter to it, and when g++ names the header in its preprocessed text.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${TINTYPE_CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
find_program(TINTYPE_MOLD mold)
if(TINTYPE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(tintype_flags INTERFACE)
target_compile_options(tintype_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
  -fno-strict-aliasing -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(tintype_flags INTERFACE -Wno-pedantic -Wno-missing-field-initializers)
else()
  target_compile_options(tintype_flags INTERFACE
    -Wno-gnu-statement-expression -Wno-missing-field-initializers)
endif()
target_compile_definitions(tintype_flags INTERFACE TINTYPE_VERSION="${PROJECT_VERSION}")
target_include_directories(tintype_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)

if(TINTYPE_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=address,undefined)
elseif(TINTYPE_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread -Wno-tsan)
  add_link_options(-fsanitize=thread)
endif()
if(TINTYPE_COVERAGE)
  add_compile_options(--coverage -pthread) # which makes the counters atomic
  add_link_options(--coverage)
endif()

# One precompiled header for all: compiling it takes longer than most files.
add_library(tintype_pch OBJECT ${CMAKE_SOURCE_DIR}/cmake/std_pch.cc)
target_link_libraries(tintype_pch PRIVATE tintype_flags)
target_precompile_headers(tintype_pch PRIVATE ${CMAKE_SOURCE_DIR}/cmake/std_pch.h)

# tintype_module(NAME DEPS...) makes the static library tintype_NAME from every .cc file of the
# calling folder (not of its subfolders). NAME is the folder below src/ with `/` as `_`.
function(tintype_module name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(sources)
    add_library(tintype_${name} STATIC ${sources})
    target_link_libraries(tintype_${name} PUBLIC tintype_flags ${ARGN})
    target_precompile_headers(tintype_${name} REUSE_FROM tintype_pch)
  else()
    add_library(tintype_${name} INTERFACE)
    target_link_libraries(tintype_${name} INTERFACE tintype_flags ${ARGN})
  endif()
endfunction()

# tintype_tests(NAME DEPS...) makes the GoogleTest program NAME_tests from the calling folder and
# registers it with ctest as one test.
function(tintype_tests name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(sources)
    add_executable(${name}_tests ${sources})
    target_link_libraries(${name}_tests PRIVATE ${ARGN} GTest::gtest_main)
    target_include_directories(${name}_tests PRIVATE ${CMAKE_SOURCE_DIR}/tests)
    target_precompile_headers(${name}_tests REUSE_FROM tintype_pch)
    add_test(NAME ${name} COMMAND ${name}_tests)
    set_tests_properties(${name} PROPERTIES TIMEOUT 600)
  endif()
endfunction()
