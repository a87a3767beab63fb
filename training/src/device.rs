//! Which device computes.

use anyhow::{Result, bail};
use burn::tensor::Device;
use clap::ValueEnum;

/// What the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DeviceChoice {
    /// The GPU where there is a real one, else the processor.
    Auto,
    /// The processor (burn-flex).
    Cpu,
    /// The GPU (burn-wgpu); an error where there is none.
    Gpu,
}

/// A device and what to call it.
#[derive(Debug, Clone)]
pub struct NamedDevice {
    /// The device.
    pub device: Device,
    /// For people: `CPU`, `NVIDIA H200 (Vulkan)`.
    pub name: String,
    /// Whether it is a graphics processor.
    pub gpu: bool,
}

impl NamedDevice {
    /// The processor, which also computes everything that a site promises.
    pub fn cpu() -> Self {
        Self { device: Device::flex(), name: "CPU".to_owned(), gpu: false }
    }
}

/// Opens the device that the user wants.
///
/// # Errors
/// `gpu` without a GPU.
pub fn open(choice: DeviceChoice) -> Result<NamedDevice> {
    if choice == DeviceChoice::Cpu {
        return Ok(NamedDevice::cpu());
    }
    match gpu(choice == DeviceChoice::Gpu) {
        Ok(device) => Ok(device),
        Err(_) if choice == DeviceChoice::Auto => Ok(NamedDevice::cpu()),
        Err(reason) => bail!("no GPU can be used: {reason}; or use --device cpu"),
    }
}

/// The GPU; one that a processor imitates only if the user insists.
#[cfg(feature = "gpu")]
fn gpu(any: bool) -> Result<NamedDevice, String> {
    let opened = Device::wgpu_options().init_with_setup();
    let (device, setup) = opened.map_err(|e| format!("{e}. Its Vulkan driver may be missing"))?;
    let info = setup.adapter.get_info();
    if !any && info.device_type == burn::tensor::wgpu::wgpu::DeviceType::Cpu {
        return Err(format!("{} is a processor that imitates one", info.name));
    }
    Ok(NamedDevice { device, name: format!("{} ({})", info.name, info.backend), gpu: true })
}

/// A build without the GPU's compilers.
#[cfg(not(feature = "gpu"))]
fn gpu(_: bool) -> Result<NamedDevice, String> {
    Err("this `lookalike` was built without it. Build with `cargo build --release -p lookalike-training`".to_owned())
}
