//! What computes in a worker, and how much of it at once.

use burn::tensor::Device;

/// What computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// The processor.
    #[cfg(feature = "worker-cpu")]
    Cpu,
    /// The graphics processor.
    #[cfg(feature = "worker-webgpu")]
    WebGpu,
}

impl Backend {
    /// The device and its name for people.
    pub(super) async fn device(self) -> Result<(Device, String), String> {
        match self {
            #[cfg(feature = "worker-cpu")]
            Self::Cpu => Ok((Device::flex(), "CPU (SIMD)".to_owned())),
            #[cfg(feature = "worker-webgpu")]
            Self::WebGpu => {
                let adapter = super::gpu::adapter().await.ok_or(super::details::NO_ADAPTER)?;
                let device = Device::wgpu_options()
                    .init_async()
                    .await
                    .map_err(|e| super::details::not_started(&e.to_string()))?;
                let name = if adapter.name.is_empty() { "unnamed" } else { &adapter.name };
                Ok((device, format!("WebGPU ({name})")))
            }
        }
    }

    /// How many probes it encodes before it is trusted; all of them on request. Graphics processors have been seen to be
    /// wrong for some photos alone, and have time: they come behind the first answer.
    pub(super) fn probes(self) -> usize {
        match self {
            #[cfg(feature = "worker-cpu")]
            Self::Cpu => 1,
            #[cfg(feature = "worker-webgpu")]
            Self::WebGpu => 2,
        }
    }

    /// How many photos of a folder it encodes at once. A processor gains nothing by more than one; a graphics processor
    /// waits for its orders in between.
    pub(super) fn batch(self) -> usize {
        match self {
            #[cfg(feature = "worker-cpu")]
            Self::Cpu => 1,
            #[cfg(feature = "worker-webgpu")]
            Self::WebGpu => 4,
        }
    }
}
