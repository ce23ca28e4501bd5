module tintype.example/bench/standin

go 1.19
