# wscast_embed(<target> <file> <name>): makes <file> part of <target> as
# `extern const std::string_view <name>` (declare it where it is used).
function(wscast_embed target file name)
  get_filename_component(source ${file} ABSOLUTE)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${name}.embedded.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${source} -DOUTPUT=${output} -DNAME=${name}
            -P ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
    DEPENDS ${source} ${PROJECT_SOURCE_DIR}/cmake/embed_file.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
  wscast_compile_alone(${target} ${output})
endfunction()
