module protocol

go 1.24
