// A stand-in for imgproxy in Tintype's benchmarks: a Go + libvips server that takes imgproxy 3's
// default steps (see ../README.md). It is not imgproxy, and speaks for it only as far as those
// steps go.
//
//	standin -listen 127.0.0.1:8082 -root photos
//	GET /resize/512/512/a.jpg@jpeg    or @webp, @avif, @png
package main

// #include <stdlib.h>
// #include "render.h"
import "C"

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"unsafe"
)

var (
	listen      = flag.String("listen", "127.0.0.1:8082", "address and port")
	root        = flag.String("root", ".", "folder of the JPEG files")
	progressive = flag.Bool("jpeg-progressive", false, "IMGPROXY_JPEG_PROGRESSIVE")
	avifSpeed   = flag.Int("avif-speed", 8, "IMGPROXY_AVIF_SPEED, 0-9")
	workers     = make(chan struct{}, runtime.NumCPU())
)

type wish struct {
	width, height int
	name, format  string
}

// /resize/WIDTH/HEIGHT/NAME@FORMAT
func parse(path string) (wish, error) {
	parts := strings.Split(strings.TrimPrefix(path, "/resize/"), "/")
	if len(parts) != 3 {
		return wish{}, errors.New("no such path")
	}
	name, format, found := strings.Cut(parts[2], "@")
	width, badWidth := strconv.Atoi(parts[0])
	height, badHeight := strconv.Atoi(parts[1])
	if !found || badWidth != nil || badHeight != nil || width < 1 || height < 1 {
		return wish{}, errors.New("no such picture")
	}
	return wish{width, height, filepath.Base(name), format}, nil
}

// The encoded picture in C's memory, which the caller releases.
func render(file []byte, w wish) (unsafe.Pointer, C.size_t, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	format := C.CString(w.format)
	defer C.free(unsafe.Pointer(format))
	settings := C.struct_settings{format: format, width: C.int(w.width), height: C.int(w.height),
		avif_speed: C.int(*avifSpeed)}
	if *progressive {
		settings.jpeg_progressive = 1
	}
	var out unsafe.Pointer
	var size C.size_t
	if C.render(unsafe.Pointer(&file[0]), C.size_t(len(file)), &settings, &out, &size) != 0 {
		return nil, 0, errors.New("libvips refuses the picture")
	}
	return out, size, nil
}

func serve(response http.ResponseWriter, request *http.Request) {
	w, err := parse(request.URL.Path)
	if err != nil {
		http.Error(response, err.Error(), http.StatusNotFound)
		return
	}
	workers <- struct{}{}
	defer func() { <-workers }()
	file, err := os.ReadFile(filepath.Join(*root, w.name))
	if err != nil || len(file) == 0 {
		http.Error(response, "no such file", http.StatusNotFound)
		return
	}
	out, size, err := render(file, w)
	if err != nil {
		http.Error(response, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	defer C.release(out)
	response.Header().Set("Content-Type", "image/"+w.format)
	response.Header().Set("Content-Length", fmt.Sprint(size))
	_, _ = response.Write(unsafe.Slice((*byte)(out), size))
}

func main() {
	flag.Parse()
	if C.start() != 0 {
		log.Fatal("libvips does not start")
	}
	http.HandleFunc("/resize/", serve)
	log.Fatal(http.ListenAndServe(*listen, nil))
}
