# Defines the target `vips`: libvips with GLib, from the pinned npm packages (default) or the system.
#
# The npm bundle is one shared object that carries libvips, GLib and every codec; it needs glibc 2.28.

if(TINTYPE_VIPS STREQUAL "system")
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips>=8.14)
  add_library(vips ALIAS PkgConfig::VIPS)
else()
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
    set(vips_arch arm64)
  else()
    set(vips_arch x64)
  endif()
  set(vips_root ${CMAKE_SOURCE_DIR}/node_modules/@img)
  set(vips_lib_dir ${vips_root}/sharp-libvips-linux-${vips_arch}/lib)
  file(GLOB vips_library ${vips_lib_dir}/libvips-cpp.so.*)
  if(NOT vips_library)
    message(FATAL_ERROR "libvips is missing: run `make setup`, or configure with -DTINTYPE_VIPS=system")
  endif()
  set(vips_include ${vips_root}/sharp-libvips-dev/include)
  # The folder has headers of other libraries too, which are not those of the system's libraries of
  # the same names: only vips/ and GLib's may be seen.
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/vips_include)
  file(CREATE_LINK ${vips_include}/vips ${CMAKE_BINARY_DIR}/vips_include/vips SYMBOLIC)
  add_library(vips SHARED IMPORTED)
  set_target_properties(vips PROPERTIES IMPORTED_LOCATION ${vips_library})
  target_include_directories(vips SYSTEM INTERFACE
    ${CMAKE_BINARY_DIR}/vips_include ${vips_include}/glib-2.0 ${vips_lib_dir}/glib-2.0/include)
endif()
