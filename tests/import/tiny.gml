# a comment
graph [
  directed 0
  label "tiny"
  node [ id 0 label "Bremen" Longitude 8.80777 Latitude 53.07516 ]
  node [ id 1 label "Bremen" graphics [ x 1.0 y 2.0 ] ]
  node [ id 2 label "4th" ]
  edge [ source 0 target 1 latency "10 ms" packet_loss 0.01 ]
  edge [ source 1 target 2 LinkSpeedRaw 1e8 ]
]
